"""What a transaction holds, and how it notes, keeps and undoes changes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from stateflow.core.domains import cut_context, raise_with_context
from stateflow.core.frame import SUSPENDED, YIELDED, Code, Frame
from stateflow.core.native_classes import mypyc_attr
from stateflow.core.repeatable import Repeatable
from stateflow.core.store import Record, Store, get_state, set_state
from stateflow.errors import EntityNotFound, GeneratorLeftOpen, LimitExceeded
from stateflow.limits import TRANSACTION_OPERATIONS
from stateflow.protocol.values import ATOMS

if TYPE_CHECKING:
    from stateflow.core.runtime_codec import RuntimeCodec
    from stateflow.references import Reference

__all__ = ["TransactionState"]

_are_atoms: Final = ATOMS.issuperset


@mypyc_attr(allow_interpreted_subclasses=True)
class TransactionState:
    """The records that a request touched, its frames, its domain.

    Args:
        store: the entities.
        codec: copies values from one entity's domain to another's.
        request_id: names the request; random numbers follow from it.
        time_ns: what the clock says inside methods.
        suspends: whether every operation on another entity, and every call of resumable code, suspends first.
        most_operations: how many operations on entities and calls of resumable code it may take; None for the limit of all.
    """

    # What most transactions never set is found in the class: there is one of these objects for each request.
    is_read_only = False
    pending: tuple[str, tuple[Any, ...]] | None = None
    stack_depth = 0
    given: tuple[Frame, Any] | None = None
    stop: Any = None
    _repeatable: Repeatable | None = None
    domain: Record | None = None
    depth = 0
    open_generators = 0

    def __init__(
        self,
        store: Store,
        codec: RuntimeCodec,
        request_id: str,
        time_ns: int,
        *,
        suspends: bool = False,
        most_operations: int | None = None,
    ) -> None:
        self.store = store
        self.flow = store.flow
        self.codec = codec
        self.codes = store.flow.codes
        self._request_id = request_id
        self._time_ns = time_ns
        self.suspends = suspends
        self.touched: list[Record] = []
        self.reading: list[Record] = []
        self.unborn: list[Record] = []
        self.frames: list[Any] = []
        self.most_operations = self.operations_left = TRANSACTION_OPERATIONS if most_operations is None else most_operations

    @property
    def repeatable(self) -> Repeatable:
        """Clock, random numbers and unique ids; made when a method first asks for one of them."""
        if self._repeatable is None:
            self._repeatable = Repeatable(self._request_id, self._time_ns)
        return self._repeatable

    def random_state(self) -> tuple[Any, ...] | None:
        """Return the state of the random generator; None when no method has drawn from it."""
        return None if self._repeatable is None else self._repeatable.random_state()

    def capture(self, code: Code, pc: int, variables: tuple[Any, ...], handled: tuple[BaseException, ...]) -> Any:
        """Save a function that waits for an operation; answer the mark that makes its caller do so too."""
        self.frames.append(Frame(code, pc, variables, handled))
        return SUSPENDED

    def give(self, code: Code, pc: int, variables: tuple[Any, ...], handled: tuple[BaseException, ...], value: Any) -> Any:
        """Save a generator that gives a value."""
        self.given = (Frame(code, pc, variables, handled), value)
        return YIELDED

    def resumed(self, frame: Frame) -> Any:
        """Return the value that a frame waited for, or raise the exception."""
        error, value = frame.error, frame.value
        frame.error = frame.value = None
        if error is not None:
            # It was raised before: what is handled here does not take the place of its own context.
            raise_with_context(error, error.__context__)
        return value

    def is_exhausted(self) -> bool:
        """Count an operation; tell whether it is one too many. Then the whole stack must wait for it, and the driver ends the transaction.

        A loop that never ends is left in this way because no `except` or `finally` of a method can hold it up.
        """
        self.operations_left -= 1
        return self.operations_left < 0

    def check_exhausted(self) -> None:
        """End a transaction that took too many operations.

        Raises:
            LimitExceeded: it did.
        """
        if self.operations_left < 0:
            raise LimitExceeded(
                f"SF530: the transaction took more than {self.most_operations} operations on entities, and was undone; "
                "look for a loop that never ends, or cut the work into several requests"
            )

    def suspend(self, operation: str, *arguments: Any) -> Any:
        """Make the whole stack wait for an operation, which the driver then carries out."""
        self.pending = (operation, arguments)
        return SUSPENDED

    def pause(self, stack: list[Any], pending: Any) -> bool:
        """Tell whether to stop here, where the whole stack waits for an operation; then keep both for later."""
        return False

    def reach(self, reference: Reference) -> Record | None:
        """Return the record of another entity; None when the transaction must first wait for it, or move to where it lives, or end.

        Raises:
            EntityNotFound: the entity does not exist.
        """
        self.operations_left -= 1
        if self.operations_left < 0:
            return None
        record = self.store.records.get(reference._sf_identity) or self.store.record(reference)
        if record.holder is not self and not self.take(record):
            return None
        if record.instance is None:
            raise EntityNotFound(record.cls.__name__, record.key)
        return record

    def look(self, reference: Reference) -> Record | None:
        """Return the record of another entity that the caller only copies from, so that there is nothing to undo; else as `reach`.

        Raises:
            EntityNotFound: the entity does not exist.
        """
        self.operations_left -= 1
        if self.operations_left < 0:
            return None
        record = self.store.records.get(reference._sf_identity) or self.store.record(reference)
        if record.instance is None:
            raise EntityNotFound(record.cls.__name__, record.key)
        record.is_recent = True
        return record

    def visit(self, reference: Reference) -> Record | None:
        """Return the record of another entity for a method that is proved to change none; else as `reach`.

        What is stable needs no undo then, and is not looked at when the transaction ends.
        """
        record = self.store.records.get(reference._sf_identity) or self.store.record(reference)
        if self.suspends or record.holder is self or record.instance is None or not (record.is_stable or self.store.is_stable(record)):
            return self.reach(reference)
        return self.look(reference)

    def take(self, record: Record) -> bool:
        """Note what the undo of a record needs, before the first access to it. False when it is not at hand."""
        if self.is_read_only and self.store.is_stable(record):
            self.share(record)
            return True
        instance = record.instance
        # First what may fail: an undo must find every touched record complete.
        record.before = (instance, None if instance is None else self._snapshot(record, instance))
        record.holder = self
        record.is_recent = True
        record.is_stable = None
        self.touched.append(record)
        return True

    def share(self, record: Record) -> None:
        """Note that an entity is only read. There will be nothing to undo and nothing to store."""
        record.holder = self
        record.is_recent = True
        self.reading.append(record)

    def _snapshot(self, record: Record, instance: Any) -> dict[str, Any]:
        state = get_state(instance) if self.flow.has_slots[record.cls] else instance.__dict__.copy()
        if _are_atoms(map(type, state.values())) or all(map(self.codec.is_same_everywhere, state.values())):
            return state
        return self.codec.snapshot(state, record.cls.__name__)

    def check_generators(self) -> None:
        """Refuse to end while a generator waits where CPython, which drops it some time before, would have run a `finally`.

        Raises:
            GeneratorLeftOpen: it names no generator, since none is left.
        """
        if self.open_generators:
            text = "SF523: the request left a generator half way in a block with `finally` or `with`; close it, or run it to its end"
            raise GeneratorLeftOpen(text)

    def check_storable(self) -> None:
        """Refuse states that hold what cannot be stored.

        Raises:
            UnstorableValue: the error names the path, as `User.lock`.
        """
        for record in self.touched:
            instance = record.instance
            if instance is None:
                continue
            state = get_state(instance) if self.flow.has_slots[record.cls] else instance.__dict__
            if not _are_atoms(map(type, state.values())):
                self.codec.snapshot(state, record.cls.__name__)

    def commit(self) -> None:
        """Keep all changes."""
        for record in self.touched:
            record.holder = record.before = None
        if self.reading:
            self._stop_reading()
        if self.unborn:
            self._forget_unborn()

    def undo(self) -> None:
        """Take all changes back."""
        for record in reversed(self.touched):
            assert record.before is not None
            instance, state = record.before
            if record.instance is not instance:
                self.store.place(record, instance)
            if instance is not None:
                assert state is not None
                set_state(instance, state)
            record.holder = record.before = None
        self._stop_reading()
        self._forget_unborn()

    def _stop_reading(self) -> None:
        for record in self.reading:
            record.holder = None

    def _forget_unborn(self) -> None:
        for record in self.unborn:
            if record.identity is None:
                self.store.place(record, None)

    def raise_in_domain(self, error: BaseException, target: Record | None) -> Any:
        """Raise in the domain of `target` what happened in another one. What `target` itself handles stays that object in the context."""
        handled = sys.exception()
        end = None if handled is None else cut_context(error, handled)
        copied = self.codec.carry_error(error, target)
        if end is not None:
            end.__context__ = handled
        raise_with_context(copied, copied.__context__)
