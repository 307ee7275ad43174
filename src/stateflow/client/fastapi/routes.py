"""The routes: creation, each public method, state, deletion and listing of each class, and replies to earlier requests."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Query, Request, Response

from stateflow.client.fastapi.endpoints import Gate
from stateflow.client.fastapi.entity_endpoint import EntityEndpoint
from stateflow.client.fastapi.problems import PROBLEM, Problem
from stateflow.client.fastapi.route import GuardedRoute
from stateflow.client.fastapi.settings import Access, HttpSettings
from stateflow.client.fastapi.types import Types
from stateflow.client.key_text import to_text
from stateflow.limits import LIST_PAGE
from stateflow.protocol.messages import Operation

if TYPE_CHECKING:
    from stateflow.client.base import StateflowClient
    from stateflow.client.future import StateflowFuture

__all__ = ["public_methods", "router"]

# What the decorator adds to each class; a client has it, entities have not.
_ADDED = "by_key"
_PROBLEM = {"description": "A problem", "content": {"application/problem+json": {"schema": PROBLEM}}}
_REFUSALS: dict[int | str, dict[str, Any]] = dict.fromkeys((400, 403, 404, 408, 409, 410, 413, 422, 429, 504), _PROBLEM)


def router(client: StateflowClient, settings: HttpSettings | None = None) -> APIRouter:
    """Return the routes to the entities of a client, to be included in an app.

    Args:
        client: the client; it need not be bound.
        settings: root, time-outs, statuses of exceptions, who may do what.
    """
    chosen = settings or HttpSettings()
    routes = APIRouter(prefix=f"/{chosen.root}", route_class=GuardedRoute)
    gate, types = Gate(client, chosen), Types(client)
    _add_results(routes, gate)
    for cls in client.flow.classes:
        _ClassRoutes(routes, gate, types, cls).add()
    return routes


def public_methods(client: StateflowClient, cls: type) -> list[str]:
    """Return the names of the methods that have endpoints: those of the class and its bases that do not begin with an underscore."""
    names = {name: None for base in reversed(cls.__mro__[:-1]) for name in vars(base)}
    return [name for name in names if not name.startswith("_") and name != _ADDED and client.flow.member(cls, name).is_method]


class _ClassRoutes:
    def __init__(self, routes: APIRouter, gate: Gate, types: Types, cls: type) -> None:
        self._routes = routes
        self._gate = gate
        self._types = types
        self._cls = cls
        self._name = cls.__name__
        self._key_type = types.key_type(cls)

    def add(self) -> None:
        self._add_creation()
        if self._gate.client.reads_many:
            self._add_list()
        self._add_state()
        self._add_deletion()
        for name in public_methods(self._gate.client, self._cls):
            self._add_method(name)

    def _add_creation(self) -> None:
        parameters = self._types.parameters(self._cls, self._cls.__init__, self._name, skips=1)  # type: ignore[misc]
        create = self._endpoint(Operation.CREATE, "create", parameters=parameters, status=201)
        self._route("POST", "", create, f"Create one {self._name}", inspect.getdoc(self._cls), status=201)

    def _add_list(self) -> None:
        async def list_keys(
            request: Request,
            prefix: str | None = Query(None, description="Only keys that begin so, for keys that are text."),
            after: str | None = Query(None, description="Only keys after this one."),
            limit: int = Query(100, ge=1, le=LIST_PAGE),
        ) -> Response:
            await self._gate.allow(Access(request, "list", self._name))
            begin = None if after is None else self._gate.key(after, self._key_type)
            if prefix is not None and self._key_type is not str:
                raise Problem(422, "Unprocessable Content", "only keys that are text have a prefix")
            found: StateflowFuture[Any] = self._gate.client.list(self._cls, prefix=prefix, after=begin, limit=limit)
            return await self._gate.answer(request, found)

        self._routes.add_api_route(
            f"/{self._name}", list_keys, methods=["GET"], tags=[self._name], summary=f"List the keys of {self._name}",
            responses={**_REFUSALS, 200: {"model": list[str]}}, response_class=Response, operation_id=f"list_{self._name}",
        )  # fmt: skip

    def _add_state(self) -> None:
        state = self._endpoint(Operation.STATE, "state")
        self._route("GET", "/{key}", state, f"Read one {self._name}", None, result=dict[str, Any])

    def _add_deletion(self) -> None:
        delete = self._endpoint(Operation.DELETE, "delete", status=204)
        self._route("DELETE", "/{key}", delete, f"Delete one {self._name}", None, status=204)

    def _add_method(self, name: str) -> None:
        member = self._gate.client.flow.member(self._cls, name)
        function: Any = member.function or getattr(self._cls, name)
        parameters = self._types.parameters(self._cls, function, f"{self._name}_{name}", skips=0 if member.is_static else 1)
        call = self._endpoint(Operation.CALL, "call", method=name, parameters=parameters)
        about = inspect.getdoc(function)
        self._route("POST", f"/{{key}}/{name}", call, _summary(about) or name, about, result=self._types.result(function))

    def _endpoint(self, operation: Operation, word: str, **more: Any) -> EntityEndpoint:
        return EntityEndpoint(self._gate, self._cls, self._key_type, operation, word, **more)

    def _route(
        self,
        verb: str,
        path: str,
        endpoint: EntityEndpoint,
        summary: str,
        about: str | None,
        *,
        status: int = 200,
        result: Any = Any,
    ) -> None:
        model: dict[str, Any] = {} if status == 204 else {"model": _created() if status == 201 else result}
        operation = f"{endpoint.__name__}_{self._name}{'_' + endpoint.method if endpoint.method else ''}"
        self._routes.add_api_route(
            f"/{self._name}{path}", endpoint, methods=[verb], tags=[self._name], summary=summary, description=about or "",
            status_code=status,
            responses={**_REFUSALS, 202: {"description": "Taken; the reply will be at Location"}, status: {"description": "Done", **model}},
            response_class=Response, operation_id=operation, response_model=None,
        )  # fmt: skip


def _summary(about: str | None) -> str:
    """Return the first sentence of a docstring, as lists of endpoints show it."""
    return (about or "").partition("\n\n")[0].partition(". ")[0].replace("\n", " ").rstrip(".")


def _created() -> Any:
    return dict[str, str]


def _add_results(routes: APIRouter, gate: Gate) -> None:
    async def result(request: Request, request_id: str) -> Response:
        await gate.allow(Access(request, "result", ""))
        return await gate.answer(request, gate.client.result(gate.known_request_id(request_id)))

    routes.add_api_route(
        "/requests/{request_id:path}", result, methods=["GET"], tags=["requests"], summary="Read the reply to an earlier request",
        responses=_REFUSALS, response_class=Response, operation_id="result",
    )  # fmt: skip


def key_path(cls: type, key: object) -> str:
    """Return the path of an entity below the root, before percent-encoding."""
    return f"{cls.__name__}/{to_text(key)}"
