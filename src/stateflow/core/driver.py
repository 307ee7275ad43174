"""Run a transaction: carry out pending operations, resume frames from the innermost outward."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.core.frame import SUSPENDED, Frame, inside, resume
from stateflow.core.parking import Parked

if TYPE_CHECKING:
    from stateflow.core.transaction import Transaction

__all__ = ["advance", "depth_of"]


def advance(tx: Transaction, stack: list[Any], pending: Any) -> Any:
    """Carry out the pending operation of a suspended transaction, and go on with its frames until it ends or pauses.

    Args:
        tx: the transaction.
        stack: its frames and boundaries, the outermost first.
        pending: the name and arguments of the operation that the innermost frame waits for.

    Returns:
        The value of the root operation; SUSPENDED when `tx.pause` kept what remains to be done.

    Raises:
        BaseException: what left the root.
        LimitExceeded: the transaction took too many operations.
        GeneratorLeftOpen: a generator still waits where it would clean up.
    """
    value: Any = None
    error: BaseException | None = None
    tx.stack_depth = depth_of(stack) if len(stack) > 1 else 0
    while True:
        try:
            if pending is not None:
                (name, given), pending = pending, None
                value = tx.perform(name, given)
            else:
                top = stack.pop()
                if type(top) is Frame:
                    tx.stack_depth -= 1
                    top.value, top.error = value, error
                    value = resume(tx, top, _handled(tx, stack))
                else:
                    value = _finish(tx, top, _handled(tx, stack), value, error)
            error = None
        except BaseException as raised:
            value, error = None, raised
        if value is SUSPENDED:
            tx.check_exhausted()
            frames, tx.frames = tx.frames, []
            frames.reverse()
            stack += frames
            pending, tx.pending = tx.pending, None
            if tx.pause(stack, pending):
                return SUSPENDED
            tx.stack_depth += depth_of(frames)
            if tx.suspends:
                stack, pending = tx.codec.round_trip(tx, stack, pending)
        elif not stack:
            if error is not None:
                raise error
            tx.check_generators()
            return value


def _finish(tx: Transaction, top: Any, outer: tuple[BaseException, ...], value: Any, error: BaseException | None) -> Any:
    """Let what stands between frames finish what it began; `outer` are the exceptions that are being handled around it."""
    if type(top) is Parked:
        tx.stack_depth -= top.depth
    return inside(outer, lambda: top.resume(tx, value, error)) if outer else top.resume(tx, value, error)


def depth_of(stack: list[Any]) -> int:
    """Return how many calls a stack is, with those that are parked elsewhere."""
    kinds = list(map(type, stack))
    # A call between entities stands there with its boundary, and still is one call.
    depth = kinds.count(Frame)
    if Parked in kinds:
        depth += sum([entry.depth for entry in stack if type(entry) is Parked])
    return depth


def _handled(tx: Transaction, stack: list[Any]) -> tuple[BaseException, ...]:
    """Return the exceptions that the calls on a stack handle, the outermost first."""
    handled: tuple[BaseException, ...] = ()
    if not tx.stack_depth:
        # Where no call is left, none handles one.
        return handled
    for entry in stack:
        if type(entry) is Frame and entry.handled:
            handled += entry.handled
    return handled
