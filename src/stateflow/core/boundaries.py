"""What stands on the stack between the frames of two domains, and around generators: it finishes what a call began."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.core.frame import STOP, SUSPENDED, YIELDED
from stateflow.core.lazy import Generator

if TYPE_CHECKING:
    from stateflow.core.calls import Calls
    from stateflow.core.state import TransactionState
    from stateflow.core.store import Record

__all__ = ["CallBoundary", "CreateBoundary", "GeneratorBoundary", "step_generator"]


class CallBoundary:
    """A call from the domain of `caller` into that of `record`."""

    __slots__ = ("caller", "record")

    def __init__(self, caller: Record | None, record: Record) -> None:
        self.caller = caller
        self.record = record

    def resume(self, tx: Calls, value: Any, error: BaseException | None) -> Any:
        """Bring the result or the exception to the caller's domain."""
        tx.domain = self.caller
        if error is not None:
            tx.raise_in_domain(error, self.caller)
        return tx.cross(self.record, value, self.caller)


class CreateBoundary:
    """The `__init__` of a new entity."""

    __slots__ = ("caller", "record")

    def __init__(self, caller: Record | None, record: Record) -> None:
        self.caller = caller
        self.record = record

    def resume(self, tx: Calls, value: Any, error: BaseException | None) -> Any:
        """Give the new entity its key."""
        tx.domain = self.caller
        if error is not None:
            tx.raise_in_domain(error, self.caller)
        return tx.finish_create(self.record, value, self.caller)


class GeneratorBoundary:
    """A generator that was asked for its next value."""

    __slots__ = ("generator",)

    def __init__(self, generator: Generator) -> None:
        self.generator = generator

    def resume(self, tx: Calls, value: Any, error: BaseException | None) -> Any:
        """Take what the generator gave, or note that it is exhausted."""
        if error is not None:
            raise_from_generator(self.generator, error)
        return step_generator(tx, self.generator, value)


def raise_from_generator(generator: Generator, error: BaseException) -> Any:
    """End a generator by an exception that left it."""
    generator.is_running = False
    if isinstance(error, StopIteration):
        raise RuntimeError("generator raised StopIteration") from error
    raise error


def step_generator(tx: TransactionState, generator: Generator, result: Any) -> Any:
    """Turn what a generator's frame did into its next value."""
    if result is SUSPENDED:
        tx.frames.append(GeneratorBoundary(generator))
        return SUSPENDED
    generator.is_running = False
    if result is YIELDED:
        assert tx.given is not None
        (generator.frame, value), tx.given = tx.given, None
        return value
    generator.result = result
    tx.stop = result
    return STOP
