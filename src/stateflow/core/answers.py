"""How a client's values come into a place, and how what a transaction gives, or what left its root, goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.core.tracebacks import clean_traceback
from stateflow.errors import LimitExceeded, MalformedBytes, UnstorableValue
from stateflow.protocol.flat_arguments import FLAT, read_flat
from stateflow.protocol.steps import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.core.runtime_codec import RuntimeCodec

__all__ = ["answer_error", "answer_refusal", "answer_value", "error_outside", "read_arguments", "storable_error"]


def read_arguments(codec: RuntimeCodec, data: bytes) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """Return the key, the positional and the keyword arguments of a request.

    Raises:
        MalformedBytes: the bytes are something else.
    """
    if data[:1] == FLAT:
        return read_flat(data, codec.find_reference)
    made: Any = codec.crossing.decode(data)
    match made:
        case (key, tuple() as args, dict() as kwargs):
            return key, args, kwargs
    raise MalformedBytes("SF511: the arguments of a request are a key, a tuple and a dict")


def answer_value(codec: RuntimeCodec, request_id: str, value: Any) -> Answer:
    """Return the answer with a value; an error when it cannot be stored."""
    try:
        return Answer(request_id, codec.crossing.encode(codec.carry(value, None, "reply"), "reply"), False)
    except BaseException as error:
        return answer_error(codec, request_id, error)


def answer_error(codec: RuntimeCodec, request_id: str, error: BaseException) -> Answer:
    """Return the answer with the exception that left the root."""
    outside = error_outside(error, lambda own: codec.carry(own, None, "exception"))
    return Answer(request_id, storable_error(codec, outside)[1], True)


def answer_refusal(codec: RuntimeCodec, request_id: str, error: BaseException) -> Answer:
    """Return the answer to a request that StateFlow itself refuses. What lies behind the error means nothing to the client."""
    error.__cause__ = error.__context__ = None
    return answer_error(codec, request_id, error)


def error_outside(error: BaseException, copy: Callable[[BaseException], BaseException]) -> BaseException:
    """Return the exception that left the root as the client gets it: the copy of it, or the reason why it cannot be copied."""
    clean_traceback(error)
    try:
        return copy(error)
    except UnstorableValue as reason:
        reason.__cause__ = None
        reason.add_note(f"raised while the method raised {type(error).__name__}: {error}")
        return reason


def storable_error(codec: RuntimeCodec, error: BaseException) -> tuple[BaseException, bytes]:
    """Return an exception that a client gets, and its bytes; where there cannot be such bytes, those of the reason instead."""
    try:
        return error, codec.crossing.encode(error, "exception")
    except (UnstorableValue, LimitExceeded) as reason:
        reason.__traceback__ = None
        return reason, codec.crossing.encode(reason, "exception")
