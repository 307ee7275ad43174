"""What clients and engines say to each other: one request, one reply."""

from __future__ import annotations

from enum import Enum
from typing import Any

from msgspec import Struct

__all__ = ["Operation", "Reply", "Request"]


class Operation(Enum):
    """What a request asks for. The last four concern no single entity and change nothing.

    Their arguments are: LIST prefix, key to begin after, and how many at most; COUNT prefix; SNAPSHOT the references; RESULT, whose
    request id is that of the request asked about, the time when that one was sent, or None.
    """

    CREATE = "create"
    CALL = "call"
    GET = "get"
    SET = "set"
    STATE = "state"
    DELETE = "delete"
    LIST = "list"
    COUNT = "count"
    SNAPSHOT = "snapshot"
    RESULT = "result"


class Request(Struct, frozen=True, kw_only=True):
    """One thing that a client asks of one entity, or of all. It is run as a transaction.

    Attributes:
        request_id: names the request among all requests of all clients; a repeat carries the same one.
        time_ns: the time of submission, nanoseconds since 1970; "now" inside the methods that it runs.
        operation: what to do.
        class_name: the entity class, by its name in the flow; empty for SNAPSHOT and RESULT.
        key: the key of the entity; None for CREATE, where `__key__` of the new object answers it.
        name: the method (CALL) or attribute (GET, SET); empty for the others.
        args: positional arguments; for SET the new value alone.
        kwargs: keyword arguments.
        deadline_ns: when it must have begun, nanoseconds since 1970, else it is refused; None for any time.
    """

    request_id: str
    time_ns: int
    operation: Operation
    class_name: str
    key: Any = None
    name: str = ""
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}
    deadline_ns: int | None = None


class Reply(Struct, frozen=True):
    """How a request ended: with a value, or with the exception that left its root method."""

    request_id: str
    value: Any = None
    error: BaseException | None = None
