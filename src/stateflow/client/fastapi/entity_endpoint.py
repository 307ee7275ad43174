"""The endpoint of one operation on the entities of a class, as FastAPI calls it and in a shorter way.

FastAPI keeps two stacks for what dependencies leave open and solves dependencies also where there are none: together more than what an
entity takes. So where a guard has read the body and the route asks for nothing else, the body is read here. Whatever is not plain JSON that
fits goes FastAPI's way, which says what is wrong with it.
"""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any, Final

from fastapi import Body, Request, Response
from pydantic import ValidationError

from stateflow.client.fastapi.guard import guarded_body
from stateflow.client.fastapi.settings import Access

if TYPE_CHECKING:
    from pydantic import BaseModel
    from starlette.types import Scope

    from stateflow.client.fastapi.endpoints import Gate
    from stateflow.client.fastapi.types import Parameters
    from stateflow.protocol.messages import Operation

__all__ = ["UNREAD", "EntityEndpoint", "Unread"]


class Unread:
    """Says that a body is to be read by FastAPI."""


UNREAD: Final = Unread()
_JSON: Final = b"application/json"


class EntityEndpoint:
    """What a route to entities of one class does.

    Args:
        gate: the way to the client.
        cls: the class.
        key_type: the type of its keys.
        operation: what is asked of the client.
        word: the same for the hook; the name of the endpoint.
        method: the method's name for a call.
        parameters: what the body gives; None where there is no body.
        status: the status of an answer without a refusal.

    Attributes:
        method: the method's name for a call; else empty.
    """

    def __init__(
        self,
        gate: Gate,
        cls: type,
        key_type: type,
        operation: Operation,
        word: str,
        *,
        method: str = "",
        parameters: Parameters | None = None,
        status: int = 200,
    ) -> None:
        self._gate = gate
        self._cls = cls
        self._key_type = key_type
        self._operation = operation
        self.method = method
        self._parameters = parameters
        self._status = status
        self.__name__ = word
        self.__signature__ = _signature(parameters, has_key=word != "create")

    @property
    def body_bytes(self) -> int:
        """The size of a body, at most."""
        return self._gate.settings.body_bytes

    async def __call__(self, request: Request, key: str | None = None, body: BaseModel | None = None) -> Response:
        """Send the request and return its answer."""
        gate = self._gate
        args, kwargs = ((), {}) if self._parameters is None else self._parameters.arguments(body)
        named = None if key is None else gate.key(key, self._key_type)
        request_id = gate.request_id(request)
        if gate.asks:
            await gate.allow(Access(request, self.__name__, self._cls.__name__, named, self.method))
        gate.check_room()
        future = gate.client.request(self._operation, self._cls, named, self.method, args, kwargs, request_id=request_id)
        return await gate.answer(request, future, self._status)

    def read(self, scope: Scope) -> BaseModel | Unread | None:
        """Return the body that a guard has read, as a model; None where there is none, `UNREAD` where FastAPI must look at it."""
        raw = guarded_body(scope)
        # Escapes may be halves of surrogate pairs.
        if raw is None or b"\\" in raw:
            return UNREAD
        parameters = self._parameters
        if parameters is None:
            return None
        if not raw:
            return None if parameters.may_be_empty else UNREAD
        if not _is_json(scope):
            return UNREAD
        try:
            content = json.loads(raw)
            return parameters.model.model_validate(content) if type(content) is dict else UNREAD
        except (ValueError, RecursionError, ValidationError):
            return UNREAD


def _is_json(scope: Scope) -> bool:
    return any(name == b"content-type" and (value == _JSON or value.startswith(_JSON + b";")) for name, value in scope["headers"])


def _signature(parameters: Parameters | None, *, has_key: bool) -> inspect.Signature:
    """Return the signature by which FastAPI reads and documents the key and the body."""
    found = [inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY, annotation=Request)]
    if has_key:
        found.append(inspect.Parameter("key", inspect.Parameter.KEYWORD_ONLY, annotation=str))
    if parameters is not None:
        annotation: Any = parameters.model | None if parameters.may_be_empty else parameters.model
        default = Body(None) if parameters.may_be_empty else Body()
        found.append(inspect.Parameter("body", inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default))
    return inspect.Signature(found, return_annotation=Response)
