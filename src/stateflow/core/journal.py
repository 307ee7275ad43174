"""The journal of an executor over a database: what has changed since the last commit, what is loaded, what may be dropped.

Between two commits nothing that was loaded or changed is dropped, so a transaction never finds a record gone that it holds.
"""

from __future__ import annotations

from operator import is_
from typing import TYPE_CHECKING, Any

from stateflow.core.cache import EntityCache, cached_size
from stateflow.core.ledger import Ledger, Outcome
from stateflow.core.named import Names
from stateflow.core.ports import Batch, Change
from stateflow.core.request_digests import former_digests
from stateflow.core.stored_states import StoredStates
from stateflow.dataflow.history import History
from stateflow.errors import StateflowError, UnstorableValue
from stateflow.failpoints import reach
from stateflow.protocol.keys import bytes_in, encode_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stateflow.core.named import Named
    from stateflow.core.ports import Database, StoredState
    from stateflow.core.runtime_codec import RuntimeCodec
    from stateflow.core.state import TransactionState
    from stateflow.core.store import Address, Record, Store
    from stateflow.options import LocalOptions
    from stateflow.protocol.keys import Identity
    from stateflow.protocol.messages import Request
    from stateflow.references import Reference

__all__ = ["Journal"]

_QUICK_BYTES = cached_size(1024)
"""Up to this size a state that is no graph is encoded faster than it is compared."""

_SMALL_INT = 2**63
_FETCH_WORTH = 8
"""For how many requests it takes less time to look for entities that are not in memory than to load one of them by itself."""

Written = list[tuple["Record", bytes | None]]
"""Entities that a transaction changed, with their new bytes; None for those that it deleted."""


class Journal:
    """Loads entities, collects changes and replies, commits them together.

    Args:
        store: the entities in memory.
        codec: the codec of the store.
        database: where everything is kept.
        options: the bounds of cache and ledger, and which states may be there.

    Raises:
        IncompatibleSchema: the classes cannot take over the states in the database.
    """

    def __init__(self, store: Store, codec: RuntimeCodec, database: Database, options: LocalOptions) -> None:
        self.ledger = Ledger(database, options, lambda request: former_digests(request, store.flow))
        self.failure: Exception | None = None
        self._store = store
        self._database = database
        self._history = History(store.flow, database.versions())
        self._history.check(database.has_states, allow_newer=options.allow_newer, allow_unknown=options.allow_unknown)
        self._states = StoredStates(store, codec, self._history)
        self._values = self._states.values
        # With room to spare, so that a cache at its limit does not make each commit small.
        self._full_bytes = options.cache_bytes + options.cache_bytes // 8
        self._cache: EntityCache[Address] = EntityCache(options.cache_bytes, store.forget)
        self._fetched: dict[Identity, tuple[Address, StoredState | None]] = {}
        self._loads_before = 0
        self._names = Names(store.flow)
        self._changes: dict[Record, bytes | None] = {}
        self.changed_bytes = 0
        self.loads = 0
        self.uses = 0
        self._number = database.last_number
        store.load = self.load

    def stored_name(self, cls: type) -> str:
        """Return the name of a class in the database, which stays when the class is renamed."""
        return self._history.stored_name(cls)

    @property
    def cached(self) -> int:
        """How many entities are in memory."""
        return len(self._cache)

    @property
    def cached_bytes(self) -> int:
        """What they take, estimated."""
        return self._cache.bytes

    @property
    def is_full(self) -> bool:
        """Whether so much is in memory that the next commit, which alone may drop entities, should not wait."""
        return self._cache.bytes > self._full_bytes

    def load(self, record: Record) -> None:
        """Give a new record the instance that the database holds.

        What is raised here is kept in `failure` too: it ends the transaction even where the method catches it.

        Raises:
            DatabaseDamaged: the entity's state is damaged.
            UpgradeFailed: another version of its class wrote it, and the present one cannot take it over.
        """
        try:
            self._load(record)
        except Exception as error:
            self.failure = error
            raise

    def _load(self, record: Record) -> None:
        name = record.identity
        assert name is not None
        # Once: when the entity leaves memory and is loaded again, its state may be another one.
        fetched = self._fetched.pop(name, None)
        address = (self._history.stored_name(record.cls), bytes_in(name, record.key)) if fetched is None else fetched[0]
        record.address = address
        self.loads += 1
        found = self._database.load(*address) if fetched is None else fetched[1]
        if found is None:
            self._cache.put(address, record, 0)
            return
        instance, data = self._states.read(record.cls, record.key, *found)
        self._store.place(record, instance)
        record.stored = data
        record.is_stored = True
        self._cache.put(address, record, len(data))

    def fetch(self, requests: Sequence[Request]) -> None:
        """Read in one go the entities that the next requests name, if many of the requests before had to load one.

        Of those that they will create it is looked up in one go, too, that there are none.
        """
        loads, self._loads_before = self.loads - self._loads_before, self.loads
        if loads * _FETCH_WORTH < len(requests):
            return
        try:
            absent = self._not_in_memory(self._names.entities(requests))
            to_come = self._not_in_memory(self._names.to_come(requests))
        except (StateflowError, TypeError, ValueError):
            # Nothing has such a key; the request that asks for it is told so in its turn.
            return
        found = self._database.load_small(list(absent.values()))
        self._fetched = {name: (address, found[address]) for name, address in absent.items() if address in found}
        if to_come:
            free = frozenset(self._database.absent(list(to_come.values())))
            self._fetched |= {name: (address, None) for name, address in to_come.items() if address in free}

    def _not_in_memory(self, named: Iterable[Named]) -> dict[Identity, Address]:
        """Return the addresses of those entities that are not in memory."""
        records, stored_name = self._store.records, self._history.stored_name
        return {name: (stored_name(cls), bytes_in(name, key)) for cls, key, name in named if name not in records}

    def created(self, request: Request, reference: Reference) -> None:
        """Note which entity a creation has made."""
        self._names.expected.learn(request, reference._sf_key)

    def take_over(self, cls: type, key: object) -> bool:
        """Put an entity that another version of its class wrote into the next batch, in the form of the present one.

        Returns:
            Whether it was put there; False when it has that form or does not exist.

        Raises:
            UpgradeFailed: the present class cannot take it over.
        """
        found = self._database.load(self.stored_name(cls), encode_key(key))
        if found is None or self._history.source(cls, found.version) is None:
            return False
        try:
            record = self._store.record_of(cls, key)
        finally:
            self.failure = None
        self.keep([(record, self._states.encode(record.instance))])
        return True

    def check(self) -> None:
        """Raise what went wrong when an entity was loaded, which a method may have caught and taken for something else."""
        if self.failure is not None:
            raise self.failure

    def written(self, tx: TransactionState) -> Written:
        """Return what a transaction changed.

        Raises:
            UnstorableValue: the state of one cannot be stored.
            LimitExceeded: the state of one is too large.
        """
        # Whoever only looks at one entity notes none.
        self.uses += len(tx.touched) + len(tx.reading) or 1
        changed: Written = []
        for record in tx.touched:
            instance = record.instance
            if instance is None:
                if record.stored is not None:
                    changed.append((record, None))
                continue
            data = self._states.encode_quickly(instance) if record.size <= _QUICK_BYTES else None
            if data is None:
                if _is_same(record.before, instance):
                    continue
                data = self._states.encode(instance)
            if data != record.stored:
                changed.append((record, data))
        return changed

    def keep(self, written: Written) -> None:
        """Put what a transaction changed into the next batch."""
        for record, data in written:
            self._changes[record] = data
            record.stored = data
            state_bytes = len(data or b"")
            self.changed_bytes += state_bytes
            self._cache.put(record.address, record, state_bytes)

    def size_of(self, arguments: object) -> int:
        """Return how many bytes arguments take; 0 for those that cannot be stored, which no method gets to see.

        Raises:
            LimitExceeded: they are larger than any value.
        """
        try:
            return len(self._values.encode(arguments, "argument"))
        except UnstorableValue:
            return 0

    def outcome_of(self, value: Any) -> Outcome:
        """Return the value of a reply as the ledger keeps it.

        Raises:
            UnstorableValue: it cannot be stored.
            LimitExceeded: it is too large.
        """
        kind = type(value)
        if value is None or kind is bool or (kind is int and -_SMALL_INT <= value < _SMALL_INT) or (kind is str and value.isascii()):
            return Outcome(False, True, value)
        return Outcome(False, False, self._values.encode(value, "reply"))

    def value_of(self, outcome: Outcome) -> Any:
        """Return the value or the exception that a request ended with, its references being those of the store."""
        return outcome.data if outcome.is_plain else self._values.decode(outcome.data)

    def commit(self) -> None:
        """Make everything so far durable; then drop from memory what is too much.

        Raises:
            CommitFailed: nothing of it was kept, and memory no longer holds it.
        """
        if self._changes or self.ledger.pending:
            try:
                self._commit()
            except Exception:
                self.discard()
                raise
        self._cache.shrink()

    def _commit(self) -> None:
        reach("before-encode")
        horizon = self.ledger.moved_horizon()
        replies = self.ledger.encode()
        # What was created and deleted since the last commit, the database never knew.
        number_for = self._history.number_for
        changes = [
            Change(*record.address, data, not record.is_stored, 0 if data is None else number_for(record.cls))
            for record, data in self._changes.items()
            if data is not None or record.is_stored
        ]
        reach("after-encode")
        self._database.commit(Batch(self._number + 1, changes, replies, horizon, self._history.pending))
        self._number += 1
        self._history.committed()
        for record, data in self._changes.items():
            record.is_stored = data is not None
        self._changes = {}
        self.changed_bytes = 0
        self.ledger.committed(self._number, replies)

    def discard(self) -> None:
        """Throw away what is not durable, and all that is in memory with it: what is needed is loaded again."""
        self._changes = {}
        self._fetched = {}
        self.changed_bytes = 0
        self._history.discard()
        self.ledger.discard()
        for record in list(self._store.records.values()):
            self._store.forget(record)
        self._cache.clear()


def _is_same(before: tuple[Any, dict[str, Any] | None] | None, instance: Any) -> bool:
    """Tell whether an entity has the very values that it had; the undo's copy shares immutable values with it, and only those."""
    assert before is not None
    then, now = before[1], getattr(instance, "__dict__", None)
    if before[0] is not instance or then is None or now is None or then.keys() != now.keys():
        return False
    return all(map(is_, map(now.get, then), then.values()))
