"""Run a transaction: carry out pending operations, resume frames from the innermost outward."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.core.frame import SUSPENDED, Frame, resume

if TYPE_CHECKING:
    from stateflow.core.runtime_codec import RuntimeCodec
    from stateflow.core.transaction import Transaction

__all__ = ["drive"]


def drive(tx: Transaction, codec: RuntimeCodec, operation: str, arguments: tuple[Any, ...]) -> Any:
    """Carry out a root operation to its end.

    Returns:
        The value of the operation.

    Raises:
        BaseException: what left the root.
    """
    stack: list[Any] = []
    value: Any = None
    error: BaseException | None = None
    pending: Any = (operation, arguments)
    while True:
        try:
            if pending is not None:
                (name, given), pending = pending, None
                value = tx.perform(name, given)
            else:
                value = _resume(tx, stack, value, error)
            error = None
        except BaseException as raised:
            value, error = None, raised
        if value is SUSPENDED:
            stack.extend(reversed(tx.frames))
            tx.frames = []
            pending, tx.pending = tx.pending, None
            tx.stack_depth = len(stack)
            if tx.suspends:
                stack, pending = codec.round_trip(tx, stack, pending)
        elif not stack and pending is None:
            if error is not None:
                raise error
            return value


def _resume(tx: Transaction, stack: list[Any], value: Any, error: BaseException | None) -> Any:
    top = stack.pop()
    tx.stack_depth = len(stack)
    if isinstance(top, Frame):
        top.value, top.error = value, error
        outer = tuple([e for f in stack if isinstance(f, Frame) for e in f.handled])
        return resume(tx, top, outer)
    return top.resume(tx, value, error)
