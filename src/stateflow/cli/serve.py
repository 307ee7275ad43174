"""The command `stateflow serve`: the entities of a module behind HTTP."""

from __future__ import annotations

import importlib
import ipaddress
import os
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

import stateflow
from stateflow.cli.modules import load_classes
from stateflow.cli.options import Module
from stateflow.cli.refusals import refusals
from stateflow.errors import ConfigurationError, MissingExtra
from stateflow.logs import log_settings

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["make_app", "serve"]

OpenToAll = Annotated[bool, typer.Option("--open-to-all", help="Listen where others reach it, though nobody is asked who they are.")]

_MODULE: Final = "STATEFLOW_SERVE_MODULE"
_PATH: Final = "STATEFLOW_SERVE_PATH"
_METRICS: Final = "STATEFLOW_SERVE_METRICS"


class LogFormat(StrEnum):
    """How a log is written."""

    TEXT = "text"
    JSON = "json"


def serve(
    module: Module,
    *,
    path: Annotated[str | None, typer.Option(help="The file that keeps everything.", show_default="memory, gone at the end")] = None,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Where to listen; 0 takes a free port.", min=0, max=65535)] = 8000,
    open_to_all: OpenToAll = False,
    metrics: Annotated[bool, typer.Option("--metrics", help="Show metrics for Prometheus at /metrics.")] = False,
    log_format: Annotated[LogFormat, typer.Option(help="How the log is written, to the error stream.")] = LogFormat.TEXT,
    reload: Annotated[bool, typer.Option("--reload", help="Start anew when a file changes, for development.")] = False,
) -> None:
    """Serve an endpoint for each method of a module's entity classes; /docs shows them."""
    with refusals():
        try:
            import uvicorn
        except ImportError:
            raise MissingExtra("SF541: serving needs uvicorn, which is not installed; run: pip install 'stateflow[fastapi]'") from None
        _check_host(host, open_to_all)
        stateflow.init(*load_classes(module))
        os.environ[_MODULE] = module
        os.environ[_PATH] = path or ""
        os.environ[_METRICS] = "1" if metrics else ""
        if metrics:
            importlib.import_module("stateflow.observability")
    from stateflow.cli.connections import BoundedProtocol, allow_connections

    # The endpoints log each request themselves, by its route: a path holds a key.
    logs = log_settings(is_json=log_format is LogFormat.JSON)
    # One more, which is the new connection that makes another one go.
    connections = allow_connections() + 1
    uvicorn.run(
        "stateflow.cli.serve:make_app", factory=True, host=host, port=port, reload=reload, limit_concurrency=connections,
        http=BoundedProtocol, log_config=logs, access_log=False,
    )  # fmt: skip


def make_app() -> FastAPI:
    """Return the app that the command's process serves."""
    from stateflow.client.fastapi import LocalFastAPIClient

    flow = stateflow.init(*load_classes(os.environ[_MODULE]))
    page = None
    if os.environ.get(_METRICS):
        from stateflow.observability import PrometheusPage

        page = PrometheusPage()
    client = LocalFastAPIClient(flow, os.environ[_PATH] or None, observer=None if page is None else page.observer)
    app = client.get_app(metrics=page, title=os.environ[_MODULE])
    # Whoever opens the address that the server tells finds something there.
    app.add_api_route("/", _show_endpoints, include_in_schema=False)
    return app


async def _show_endpoints() -> Any:
    from fastapi.responses import RedirectResponse

    return RedirectResponse("docs")


def _check_host(host: str, open_to_all: bool) -> None:
    if open_to_all or host == "localhost":
        return
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise ConfigurationError(
            f"SF540: {host} can be reached by others, and `stateflow serve` asks nobody who they are: write an app with an authorize hook "
            "(HttpSettings), or say --open-to-all"
        )
