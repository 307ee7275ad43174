"""Frames that stay behind: when they are large, they wait at a place for the result of a call, and only the call moves on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from stateflow.core.boundaries import DomainBoundary
from stateflow.core.frame import Frame
from stateflow.core.lazy import Coroutine
from stateflow.errors import UnstorableValue

if TYPE_CHECKING:
    from stateflow.core.calls import Calls
    from stateflow.core.placed import PlacedTransaction

__all__ = ["UNPARK", "Parked", "Unpark", "neutral_operation", "rejoin"]


class Unpark:
    """Why a transaction pauses: it needs the frames that it parked last."""


UNPARK: Final = Unpark()


class Parked:
    """Stands on the stack for frames that are parked. `depth` is how many calls they are."""

    __slots__ = ("depth", "number", "place")

    def __init__(self, place: str, number: int, depth: int) -> None:
        self.place = place
        self.number = number
        self.depth = depth

    def resume(self, tx: Calls, value: Any, error: BaseException | None) -> Any:
        """Take a result to the frames that wait for it."""
        tx.frames.append(self)
        tx.obstacle = UNPARK  # type: ignore[attr-defined]  # only placed transactions park
        return tx.suspend("return", value, error)


def neutral_operation(tx: PlacedTransaction) -> tuple[str, tuple[Any, ...]] | None:
    """Return the pending operation with arguments that belong to no entity; None when its frames must go along.

    Frames go along while an entity is being created, whose key is not known yet, and inside of an `except` clause, since what is raised
    elsewhere takes the exception that is being handled for its context.
    """
    assert tx.pending is not None
    name, arguments = tx.pending
    frames = [item for item in tx.stack if isinstance(item, Frame)]
    if tx.unborn or not frames or any(frame.handled for frame in frames):
        return None
    try:
        if name == "await":
            return _neutral_await(tx, arguments[0])
        if name in ("call", "call_existing", "get", "set", "state", "delete_attribute"):
            return name, tx.codec.carry(arguments, None)
    except UnstorableValue:
        # What is wrong with it is said where it is carried out.
        return None
    return None


def _neutral_await(tx: PlacedTransaction, awaited: Coroutine) -> tuple[str, tuple[Any, ...]] | None:
    if awaited.reference is None or awaited.code.free:
        return None
    owner, *given = awaited.parameters
    neutral = Coroutine(awaited.code, (owner, *tx.codec.carry(tuple(given), None)), awaited.reference)
    neutral.is_awaited = True
    return "await", (neutral,)


def rejoin(tx: PlacedTransaction, parked: list[Any], stack: list[Any]) -> list[Any]:
    """Return the whole stack: parked frames, and above them what went on elsewhere. `tx.domain` is that of the parked frames.

    The first call above them was made from no entity's domain; it goes back into theirs.
    """
    for item in stack[1:]:
        if isinstance(item, DomainBoundary):
            item.caller = tx.domain
            break
    return [*parked, *stack[1:]]
