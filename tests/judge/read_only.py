"""Watch calls of methods that are proved to be read-only: they must leave every entity as it was, to the byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

from stateflow.core import executor
from stateflow.core.entity_codec import EntityCodec
from stateflow.core.store import get_state
from stateflow.core.transaction import Transaction
from stateflow.errors import StateflowError
from tests.judge.compiled import Compiled, Mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.dataflow import Member
    from stateflow.references import Reference
    from tests.judge.corpus import Loadable

__all__ = ["Watch", "watch"]


class Watch:
    """What was seen.

    Attributes:
        calls: the number of calls of read-only methods and of reads of attributes, by clients and by other entities.
        broken: the methods that were proved read-only and changed an entity.
    """

    def __init__(self) -> None:
        self.calls = 0
        self.broken: set[str] = set()

    def around(self, tx: Transaction, reference: Reference, name: str, run: Callable[[], Any]) -> Any:
        """Run a call; look before and after, also when it raises: what the transaction undoes then must not hide what it did."""
        cls = reference._sf_class
        if not tx.flow.is_read_only(cls, name):
            return run()
        before = _states(tx)
        try:
            return run()
        finally:
            after = _states(tx)
            self.calls += 1
            if any(after.get(known) != state for known, state in before.items()) or after.keys() - before.keys():
                self.broken.add(f"{cls.__name__}.{name}")


def _states(tx: Transaction) -> dict[Any, bytes]:
    codec = EntityCodec(tx.flow, tx.codec.state_shapes)
    found = {}
    for record in tx.store.records.values():
        if record.instance is not None and tx.flow.is_stable(get_state(record.instance)):
            try:
                found[record.cls, record.key] = codec.encode(record.instance)
            except StateflowError:
                continue
    return found


def watch(program: Loadable, known: list[tuple[str, Any]]) -> Watch:
    """Run a program on the embedded engine and watch it."""
    seen = Watch()

    class Watched(Transaction):
        def perform_call(self, reference: Reference, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            perform = super().perform_call
            return seen.around(self, reference, name, lambda: perform(reference, name, args, kwargs))

        def perform_given_call(self, reference: Reference, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            perform = super().perform_given_call
            return seen.around(self, reference, name, lambda: perform(reference, name, args, kwargs))

        def _get_member(self, reference: Reference, name: str, member: Member) -> Any:
            get_member = super()._get_member
            return seen.around(self, reference, name, lambda: get_member(reference, name, member))

    with mock.patch.object(executor, "Transaction", Watched):
        Compiled(program).run(Mode.INLINE, known, in_this_thread=True)
    return seen
