"""A route whose refusals are problem documents."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import Match

from stateflow.client.fastapi.entity_endpoint import EntityEndpoint, Unread
from stateflow.client.fastapi.guard import check_text, guard, guarded_body
from stateflow.client.fastapi.json_values import to_json
from stateflow.client.fastapi.problems import Problem, problem_of
from stateflow.errors import StateflowError
from stateflow.limits import HTTP_BODY_BYTES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from typing import Any

    from fastapi import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["GuardedRoute", "refused"]


class GuardedRoute(APIRoute):
    """Answers bad input and refusals of the client in one form, wherever the router is included."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        super().__init__(path, endpoint, **given)
        self._begin, self._end = self.path.partition("{")[0], self.path.rpartition("}")[2]
        self._body_bytes = endpoint.body_bytes if isinstance(endpoint, EntityEndpoint) else HTTP_BODY_BYTES
        # Dependencies of the router or the app are the framework's to solve.
        if isinstance(endpoint, EntityEndpoint) and not self.dependencies:
            self.app = _directly(endpoint, self.app)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether this is the route of a request; most that are not have other ends, which cost less to see than a whole pattern."""
        path = scope.get("path", "")
        # Not at its beginning, where the path of a mount may stand.
        if not path.endswith(self._end) or self._begin not in path:
            return Match.NONE, {}
        return super().matches(scope)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with its refusals."""
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            if guarded_body(request.scope) is None:
                # The app is the user's own, without our middleware.
                request = Request(request.scope, await guard(request.scope, request.receive, self._body_bytes))
            check_text(await request.body())
            return await handle(request)

        async def guarded(request: Request) -> Response:
            return await _told(checked(request))

        return guarded


def _directly(endpoint: EntityEndpoint, by_framework: ASGIApp) -> ASGIApp:
    """Return an app that calls an endpoint without the framework where that is the same."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        body = endpoint.read(scope)
        if isinstance(body, Unread):
            await by_framework(scope, receive, send)
            return
        response = await _told(endpoint(Request(scope, receive, send), scope["path_params"].get("key"), body))
        await response(scope, receive, send)

    return app


async def _told(answer: Awaitable[Response]) -> Response:
    """Return an answer, or the refusal that it ends with."""
    try:
        return await answer
    except Problem as problem:
        return problem.response()
    except RequestValidationError as error:
        return _invalid(error).response()
    except HTTPException as error:
        return refused(error).response()
    except StateflowError as error:
        return problem_of(error, {}, "")


def refused(error: HTTPException) -> Problem:
    """Return a refusal of the framework in the form of all others."""
    return Problem(error.status_code, HTTPStatus(error.status_code).phrase, error.detail, error.headers)


def _invalid(error: RequestValidationError) -> Problem:
    """Say where the input is wrong, in the names of the sender."""
    faults = [{"path": ".".join(map(str, fault["loc"])), "reason": fault["msg"]} for fault in error.errors()]
    detail = "; ".join(f"{fault['path']}: {fault['reason']}" for fault in faults)
    return Problem(422, "Unprocessable Content", detail, faults=to_json(faults))
