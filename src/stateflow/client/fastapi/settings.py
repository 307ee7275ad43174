"""What a user decides about HTTP endpoints."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import Request
from msgspec import Struct

from stateflow.client.base import StateflowClient
from stateflow.limits import HTTP_BODY_BYTES, HTTP_OUTSTANDING

__all__ = ["Access", "HttpSettings", "Operation", "stateflow_client"]

Operation = str
"""`create`, `call`, `state`, `delete`, `list`, `result` or `metrics`."""


class Access(Struct, frozen=True):
    """Who wants to do what, as the hook of the user sees it.

    Attributes:
        request: the HTTP request, with its headers.
        operation: `create`, `call`, `state`, `delete`, `list`, `result` or `metrics`.
        class_name: the entity class; empty for `result` and `metrics`.
        key: the key of the entity; None where none is named.
        method: the method for `call`; else empty.
    """

    request: Request
    operation: Operation
    class_name: str
    key: Any = None
    method: str = ""


Authorize = Callable[[Access], Awaitable[bool] | bool]


class HttpSettings(Struct, frozen=True, kw_only=True):
    """How endpoints behave.

    Attributes:
        root: the first part of every path.
        timeout_s: how long a request may wait for its reply; then the answer is 504 with the request id.
        statuses: the status of exceptions that methods raise, by class; subclasses included. Others are 400.
        authorize: called before each request; answers whether it may go on. Without one everything is allowed.
        body_bytes: the size of a request's body, at most.
        outstanding: requests that may wait for replies at once, at most; then the answer is 429.
    """

    root: str = "stateflow"
    timeout_s: float = 30.0
    statuses: Mapping[type[BaseException], int] = {}
    authorize: Authorize | None = None
    body_bytes: int = HTTP_BODY_BYTES
    outstanding: int = HTTP_OUTSTANDING


def stateflow_client(request: Request) -> StateflowClient:
    """Return the client of the app, for own endpoints: `client = Depends(stateflow_client)`."""
    client: StateflowClient = request.app.state.stateflow_client
    return client
