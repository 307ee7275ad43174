"""A route whose refusals are problem documents."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import Match

from stateflow.client.fastapi.guard import check_path, check_text, is_guarded
from stateflow.client.fastapi.json_values import to_json
from stateflow.client.fastapi.problems import Problem, problem_of
from stateflow.errors import StateflowError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from fastapi import Request, Response
    from starlette.types import Scope

__all__ = ["GuardedRoute", "refused"]


class GuardedRoute(APIRoute):
    """Answers bad input and refusals of the client in one form, wherever the router is included."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether this is the route of a request; most that are not have another end, which costs less to see than a whole pattern."""
        if not scope.get("path", "").endswith(self.path.rpartition("}")[2]):
            return Match.NONE, {}
        return super().matches(scope)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with its refusals."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                if not is_guarded(request.scope):
                    check_path(request.scope)
                check_text(await request.body())
                return await handle(request)
            except Problem as problem:
                return problem.response()
            except RequestValidationError as error:
                return _invalid(error).response()
            except HTTPException as error:
                return refused(error).response()
            except StateflowError as error:
                return problem_of(error, {}, "")

        return guarded


def refused(error: HTTPException) -> Problem:
    """Return a refusal of the framework in the form of all others."""
    return Problem(error.status_code, HTTPStatus(error.status_code).phrase, error.detail, error.headers)


def _invalid(error: RequestValidationError) -> Problem:
    """Say where the input is wrong, in the names of the sender."""
    faults = [{"path": ".".join(map(str, fault["loc"])), "reason": fault["msg"]} for fault in error.errors()]
    detail = "; ".join(f"{fault['path']}: {fault['reason']}" for fault in faults)
    return Problem(422, "Unprocessable Content", detail, faults=to_json(faults))
