"""Whole apps: entities behind HTTP with one call."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI
from fastapi.exception_handlers import http_exception_handler
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.routing import Match

from stateflow.client.fastapi.guard import Guard, route_path
from stateflow.client.fastapi.monitoring import MetricsPage, RequestLog, add_metrics
from stateflow.client.fastapi.problems import problem_of
from stateflow.client.fastapi.route import refused
from stateflow.client.fastapi.routes import router
from stateflow.client.fastapi.settings import HttpSettings
from stateflow.errors import StateflowError

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Awaitable, Callable

    from fastapi import APIRouter, Request, Response

    from stateflow.client.base import StateflowClient
    from stateflow.dataflow import Dataflow
    from stateflow.observer import Observer
    from stateflow.options import KafkaOptions, LocalOptions

__all__ = ["KafkaFastAPIClient", "LocalFastAPIClient"]

# What FastAPI gives to routes of routers that it includes, and to no others.
_OF_INCLUDED: Final = ("dependencies", "responses", "callbacks", "deprecated")


class FastAPIClient:
    """An app over one client.

    Args:
        client: the client; bound, so that own endpoints use the classes themselves.
        settings: how the endpoints behave.
        close: called when the app ends.
    """

    def __init__(self, client: StateflowClient, settings: HttpSettings | None, close: Callable[[], Any]) -> None:
        self.client = client
        self.settings = settings or HttpSettings()
        self._close = close

    def get_app(self, *, metrics: MetricsPage | None = None, **arguments: Any) -> FastAPI:
        """Return a FastAPI app with the endpoints, to which own ones can be added.

        Args:
            metrics: what `/metrics` shows to those whom the hook allows it; without one there is no such path.
            arguments: go to `FastAPI`, such as `title` or `dependencies`, which are asked before every endpoint.
        """

        @asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[None]:
            yield
            self._close()

        routes = router(self.client, self.settings)
        app = _with_routes({"title": "StateFlow", "lifespan": lifespan, **arguments}, routes)
        app.state.stateflow_client = self.client
        app.add_exception_handler(HTTPException, _refusals(routes, f"/{self.settings.root}/"))
        kinds: list[type[BaseException]] = [StateflowError, *self.settings.statuses]
        for kind in kinds:
            if issubclass(kind, Exception):
                app.add_exception_handler(kind, self._tell)
        if metrics is not None:
            add_metrics(app, self.client, self.settings, metrics)
        app.add_middleware(Guard, root=self.settings.root, body_bytes=self.settings.body_bytes)
        app.add_middleware(RequestLog)
        return app

    async def _tell(self, _: Request, error: Exception) -> Response:
        """Answer an exception that an own endpoint lets through as the other endpoints do."""
        return problem_of(error, self.settings.statuses, "")


def _with_routes(arguments: dict[str, Any], routes: APIRouter) -> FastAPI:
    """Return an app with the routes of a router. What it asks of every request, it asks of theirs too."""
    if any(arguments.get(name) for name in _OF_INCLUDED):
        app = _new_app(arguments)
        app.include_router(routes)
        return app
    # An included router would look for its route twice, and in a longer way.
    return _new_app({**arguments, "routes": [*(arguments.get("routes") or ()), *routes.routes]})


def _new_app(arguments: dict[str, Any]) -> FastAPI:
    """Return an app whose pages of documentation work in a closed network, unless it is to have none."""
    needed = ("openapi_url", "swagger_ui_oauth2_redirect_url")
    has_pages = all(arguments.get(name, "") is not None for name in needed)
    return FastAPIOffline(**arguments) if has_pages else FastAPI(**arguments)


def _refusals(routes: APIRouter, prefix: str) -> Callable[[Request, Any], Awaitable[Response]]:
    """Return what answers a path below the root that has no endpoint in the form of all other refusals."""

    async def answer(request: Request, error: HTTPException) -> Response:
        if not route_path(request.scope).startswith(prefix):
            return await http_exception_handler(request, error)
        problem = refused(error)
        if error.status_code == 405:
            fitting = [route for route in routes.routes if route.matches(request.scope)[0] is not Match.NONE]
            problem.headers["Allow"] = ", ".join(sorted({method for route in fitting for method in getattr(route, "methods", ())}))
        return problem.response()

    return answer


class LocalFastAPIClient(FastAPIClient):
    """Entities on the embedded engine, in the process of the app.

    Args:
        flow: the compiled classes.
        path: the file that keeps everything; without one, memory does.
        settings: how the endpoints behave.
        observer: watches requests and commits.
        options: bounds of the engine; with `refuses_when_full`, what it has no room for is answered with 429.
    """

    def __init__(
        self,
        flow: Dataflow,
        path: str | os.PathLike[str] | None = None,
        *,
        settings: HttpSettings | None = None,
        observer: Observer | None = None,
        options: LocalOptions | None = None,
    ) -> None:
        from stateflow.runtime.local import LocalRuntime

        self.runtime = LocalRuntime(flow, path=path, observer=observer, options=options)
        super().__init__(self.runtime.client(), settings, self.runtime.close)


class KafkaFastAPIClient(FastAPIClient):
    """Entities of a job behind Kafka.

    Args:
        flow: the compiled classes.
        brokers: where the Kafka brokers are, `host:port`, several with commas.
        statefun_mode: as `StateflowKafkaClient` has it.
        settings: how the endpoints behave.
        options: the application's name, topics, time-outs.
        observer: watches requests.
    """

    def __init__(
        self,
        flow: Dataflow,
        brokers: str | None = None,
        statefun_mode: bool = False,
        *,
        settings: HttpSettings | None = None,
        options: KafkaOptions | None = None,
        observer: Observer | None = None,
    ) -> None:
        from stateflow.client.kafka_client import StateflowKafkaClient

        client = StateflowKafkaClient(flow, brokers, statefun_mode, options=options, observer=observer)
        super().__init__(client, settings, client.close)
