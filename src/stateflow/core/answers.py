"""Arguments and replies as bytes: how a client's values come into a place, and how what a transaction gives goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.core.tracebacks import clean_traceback
from stateflow.errors import MalformedBytes, UnstorableValue
from stateflow.protocol.steps import Answer

if TYPE_CHECKING:
    from stateflow.core.runtime_codec import RuntimeCodec

__all__ = ["answer_error", "answer_value", "read_arguments"]


def read_arguments(codec: RuntimeCodec, data: bytes) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """Return the key, the positional and the keyword arguments of a request.

    Raises:
        MalformedBytes: the bytes are something else.
    """
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
    clean_traceback(error)
    try:
        outside = codec.carry(error, None, "exception")
        return Answer(request_id, codec.crossing.encode(outside, "exception"), True)
    except UnstorableValue as reason:
        reason.__cause__ = None
        reason.add_note(f"raised while the method raised {type(error).__name__}: {error}")
        return Answer(request_id, codec.crossing.encode(reason, "exception"), True)
