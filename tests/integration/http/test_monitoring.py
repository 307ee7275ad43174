"""A real server with metrics and logs: what is scraped is what happened, and nothing of the users' data is told."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from stateflow.development.processes import free_ports, wait_until

pytest.importorskip("opentelemetry.exporter.prometheus")

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.process]
DEADLINE_S = 60
CANARY = "canary-93ab"
MODULE = """
import stateflow

@stateflow.entity
class Item:
    def __init__(self, name: str, secret: str):
        self.name, self.secret = name, secret

    def __key__(self) -> str:
        return self.name

    def swap(self, secret: str) -> str:
        before, self.secret = self.secret, secret
        return before

    def fail(self, why: str) -> None:
        raise ValueError(why, self.secret)

    def unreadable(self) -> object:
        return Unreadable(self.secret)


class Unreadable(Exception):
    def __str__(self):
        raise RuntimeError(self.args[0])
"""


class Server:
    def __init__(self, folder: Path, log_format: str) -> None:
        (folder / "shop.py").write_text(MODULE)
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        self._log = folder / "log"
        command = [sys.executable, "-m", "stateflow", "serve", "shop.py", "--port", str(port), "--metrics", "--log-format", log_format]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        assert wait_until(self._answers, DEADLINE_S), self.log()

    def log(self) -> str:
        return self._log.read_text()

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(DEADLINE_S)

    def post(self, path: str, **body: object) -> int:
        return httpx.post(f"{self.url}/stateflow/{path}", json=body, timeout=DEADLINE_S).status_code

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/openapi.json", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False


@pytest.fixture(params=["text", "json"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, request.param)
    yield server
    server.end()


def test_page_counts_what_was_asked_and_neither_it_nor_the_log_tells_data(server: Server, request: pytest.FixtureRequest) -> None:
    key = f"key-{CANARY}"
    assert server.post("Item", name=key, secret=f"state-{CANARY}") == 201
    for _ in range(3):
        assert server.post(f"Item/{key}/swap", secret=f"argument-{CANARY}") == 200
    assert server.post(f"Item/{key}/fail", why=f"message-{CANARY}") == 400
    assert server.post(f"Item/{key}/unreadable") < 600
    assert server.post(f"Item/{key}/swap", secret=[CANARY]) == 422
    assert httpx.get(f"{server.url}/stateflow/Item?prefix={CANARY}", timeout=DEADLINE_S).status_code == 200
    assert httpx.request(CANARY.upper(), f"{server.url}/{CANARY}", timeout=DEADLINE_S).status_code in (404, 405)
    page = httpx.get(f"{server.url}/metrics", timeout=DEADLINE_S)
    assert page.headers["content-type"].startswith("text/plain")
    assert _value(page.text, 'method="swap",operation="call",outcome="done"') == 3
    assert _value(page.text, 'error_type="ValueError",method="fail",operation="call",outcome="raised"') == 1
    server.end()
    log = server.log()
    assert "POST /stateflow/Item/{key}/swap 200" in log
    assert CANARY not in (page.text + log).lower()
    if "json" in request.node.name:
        lines = [json.loads(line) for line in log.splitlines()]
        swaps = [line for line in lines if line.get("route") == "/stateflow/Item/{key}/swap"]
        assert [line["status"] for line in swaps] == [200, 200, 200, 422]
        assert all(line["request_id"].startswith("http-") for line in swaps[:3])


def _value(page: str, labels: str) -> float:
    (found,) = re.findall(rf"^stateflow_requests_total\{{.*{re.escape(labels)}.*\}} (\S+)$", page, re.MULTILINE)
    return float(found)
