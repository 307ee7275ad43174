"""The app that `stateflow serve` runs, and what it asks of the system."""

from __future__ import annotations

import asyncio
import importlib
import sys
from pathlib import Path

import pytest

pytest.importorskip("fastapi")
import httpx

from stateflow.cli.connections import allow_connections
from stateflow.cli.serve import make_app
from stateflow.errors import ConfigurationError
from stateflow.limits import HTTP_CONNECTIONS

ROOT = Path(__file__).parents[3]


def test_address_that_the_server_tells_leads_to_the_list_of_endpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATEFLOW_SERVE_MODULE", str(ROOT / "demos" / "demo_common.py"))
    monkeypatch.setenv("STATEFLOW_SERVE_PATH", "")
    app = make_app()

    async def look() -> httpx.Response:
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x", follow_redirects=True) as client,
        ):
            return await client.get("/")

    page = asyncio.run(look())
    assert (page.status_code, page.url.path) == (200, "/docs")


def test_system_without_limits_of_open_files_has_as_many_connections_as_we_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    assert allow_connections() == HTTP_CONNECTIONS


def test_path_on_a_system_without_locks_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.delitem(sys.modules, "stateflow.runtime.local.file_lock", raising=False)
    with pytest.raises(ConfigurationError, match=r"needs Unix.*leave the path out"):
        importlib.import_module("stateflow.runtime.local.file_lock")
