"""Requests that a run is to send, written so that any engine, and plain objects, can carry them out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from stateflow.errors import EntityError, EntityNotFound
from stateflow.histories.history import UNKNOWN, Act, Seen, read_seen
from stateflow.protocol.messages import Operation

__all__ = ["Ask", "Plan", "States", "Target", "resolve", "seen_in", "seen_in_state"]


class Target(NamedTuple):
    """An entity by its class and key; in arguments it stands for the reference."""

    cls: type
    key: str


class Ask(NamedTuple):
    """A request to come.

    Attributes:
        name: the transaction, which is the request id too.
        operation: CREATE or CALL.
        target: the entity; of a creation, the one that it makes.
        method: which method to call.
        args: its arguments, with a `Target` for each reference.
    """

    name: str
    operation: Operation
    target: Target
    method: str = ""
    args: tuple[Any, ...] = ()


States = dict[Target, dict[str, Any] | None]
"""The state of each entity at the end; None for one that is not there."""


class Plan(NamedTuple):
    """The requests of one run.

    Attributes:
        setup: creations, which end before the others begin.
        asks: what clients send, mixed.
        targets: every entity that may exist.
        invariant: what must hold of the states at the end: a sentence for each thing that does not.
    """

    setup: list[Ask]
    asks: list[Ask]
    targets: list[Target]
    invariant: Callable[[States], list[str]]


def resolve(value: Any, reference: Callable[[type, str], Any]) -> Any:
    """Return arguments with a reference for each target."""
    match value:
        case Target(cls, key):
            return reference(cls, key)
        case tuple():
            return tuple([resolve(part, reference) for part in value])
        case list():
            return [resolve(part, reference) for part in value]
    return value


def seen_in(ask: Ask, value: Any, error: BaseException | None) -> tuple[Seen, ...]:
    """Return the accesses that a reply reports: `seen`, or `(value, seen)`, or the `seen` of an exception."""
    if ask.operation is Operation.CREATE:
        return (Seen(ask.target.key, 0, "", Act.CHANGE),) if error is None else ()
    if error is not None:
        if isinstance(error, EntityNotFound):
            return (Seen(str(error.key), UNKNOWN, "", Act.MISS),)
        return () if isinstance(error, EntityError) else read_seen(getattr(error, "seen", ()))
    return read_seen(value[1] if isinstance(value, tuple) else value)


def seen_in_state(target: Target, state: dict[str, Any] | None) -> Seen:
    """Return the access that reading the whole state of an entity is."""
    if state is None:
        return Seen(target.key, UNKNOWN, "", Act.MISS)
    return Seen(target.key, state["version"], state["writer"], Act.LOOK)
