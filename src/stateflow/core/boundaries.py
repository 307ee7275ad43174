"""What stands on the stack between the frames of two domains, and around generators: it finishes what a call began."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.core.frame import STOP, SUSPENDED, YIELDED
from stateflow.core.lazy import Generator

if TYPE_CHECKING:
    from stateflow.core.calls import Calls
    from stateflow.core.state import TransactionState
    from stateflow.core.store import Record

__all__ = ["CallBoundary", "CreateBoundary", "DomainBoundary", "GeneratorBoundary", "raise_from_generator", "step_generator"]


class DomainBoundary:
    """The way from the domain of `caller` into that of `record` and back; `finish` says what comes back."""

    __slots__ = ("caller", "record")

    def __init__(self, caller: Record | None, record: Record) -> None:
        self.caller = caller
        self.record = record

    @staticmethod
    def finish(tx: Calls, record: Record, value: Any, caller: Record | None) -> Any:
        """Return what the caller gets for the value of the function that ran for `record`."""
        raise NotImplementedError

    def resume(self, tx: Calls, value: Any, error: BaseException | None) -> Any:
        """Go back to the caller's domain with a value or an exception."""
        tx.domain = self.caller
        if error is not None:
            tx.raise_in_domain(error, self.caller)
        return self.finish(tx, self.record, value, self.caller)


class CallBoundary(DomainBoundary):
    """A call: its result is copied."""

    __slots__ = ()

    @staticmethod
    def finish(tx: Calls, record: Record, value: Any, caller: Record | None) -> Any:
        """Bring the result to the caller's domain."""
        return tx.cross(record, value, caller)


class CreateBoundary(DomainBoundary):
    """The `__init__` of a new entity: its caller gets the reference."""

    __slots__ = ()

    @staticmethod
    def finish(tx: Calls, record: Record, value: Any, caller: Record | None) -> Any:
        """Give the new entity its key."""
        return tx.finish_create(record, value, caller)


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
        tx.open_generators += generator.frame.must_clean_up
        return value
    generator.result = result
    tx.stop = result
    return STOP
