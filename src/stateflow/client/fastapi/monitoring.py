"""What people who run an app look at: a log line for each request, and a page of metrics."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Final, Protocol

from fastapi import FastAPI, Request, Response

from stateflow.client.fastapi.endpoints import Gate
from stateflow.client.fastapi.problems import Problem
from stateflow.client.fastapi.settings import Access, HttpSettings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from stateflow.client.base import StateflowClient

__all__ = ["MetricsPage", "RequestLog", "add_metrics"]

_log = logging.getLogger("stateflow.http")
_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


class MetricsPage(Protocol):
    """What `/metrics` shows; `stateflow.observability.PrometheusPage` is one.

    Attributes:
        media_type: the type of the page.
    """

    media_type: str

    def render(self) -> bytes:
        """Return the page as it is now."""


def add_metrics(app: FastAPI, client: StateflowClient, settings: HttpSettings, page: MetricsPage) -> None:
    """Let an app show a page of metrics at `/metrics` to those whom the hook allows the operation `metrics`."""
    gate = Gate(client, settings)

    async def metrics(request: Request) -> Response:
        try:
            await gate.allow(Access(request, "metrics", ""))
        except Problem as problem:
            return problem.response()
        # The engine's thread would otherwise take the interpreter from the loop in the middle of a long page.
        return Response(await asyncio.to_thread(page.render), media_type=page.media_type)

    app.add_api_route("/metrics", metrics, methods=["GET"], include_in_schema=False)


class RequestLog:
    """Middleware that logs each HTTP request by its route, which names no entity. It costs next to nothing where nobody listens.

    Args:
        app: whose requests these are.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or not _log.isEnabledFor(logging.INFO):
            await self._app(scope, receive, send)
            return
        begin_s = time.perf_counter()
        said = {"status": 500, "request_id": ""}

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                said["status"] = message["status"]
                said["request_id"] = dict(message.get("headers", ())).get(b"stateflow-request-id", b"").decode("latin-1")
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            _tell(scope, said, (time.perf_counter() - begin_s) * 1000)


def _tell(scope: Scope, said: dict[str, object], duration_ms: float) -> None:
    # The path itself holds a key, the query may hold one, and a client can send any word as a method.
    route = getattr(scope.get("route"), "path", "no route")
    method = scope["method"] if scope["method"] in _METHODS else "other"
    fields = {"method": method, "route": route, "duration_ms": round(duration_ms, 3), **said}
    _log.info("%s %s %s in %.1f ms", method, route, said["status"], duration_ms, extra=fields)
