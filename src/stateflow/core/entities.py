"""The entities of one place: loaded when they are used, stored when a transaction ends or moves on, dropped when they are too many."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from stateflow.core.cache import EntityCache
from stateflow.core.entity_codec import EntityCodec
from stateflow.core.saved import Lock
from stateflow.limits import UNLOADED_RECORDS
from stateflow.protocol.keys import encode_key
from stateflow.protocol.states import FLAT, SHORT_BYTES, digest_of_state

if TYPE_CHECKING:
    from stateflow.core.class_versions import ClassVersions
    from stateflow.core.records import Changes
    from stateflow.core.runtime_codec import RuntimeCodec
    from stateflow.core.saved import Left
    from stateflow.core.sections import Section
    from stateflow.core.store import Record, Store
    from stateflow.protocol.steps import State

__all__ = ["Entities", "label_of"]


def label_of(record: Record) -> str:
    """Return the name of an entity in messages: its class and its encoded key."""
    return f"{record.cls.__qualname__}/{encode_key(record.key).hex()}"


class Entities:
    """The states of entities, under `e/` and their labels: here the name of a class is that by which it was first stored.

    A state that holds more than plain scalars is dropped from memory as soon as it was stored. So each transaction finds the very objects
    that it would find after a crash, down to which of them are one object, and sends the very same bytes.

    Args:
        store: the entities in memory.
        codec: the codec of the store.
        changes: where the states are kept.
        locks: who holds which entity.
        left: what holders left here.
        versions: the versions of classes that wrote the states.
        cache_bytes: what the entities in memory may take together.

    Attributes:
        away: the labels of entities whose states go along with their holders. What memory has of them is a former state, which nobody else
            gets to see, until the present one comes home.
    """

    def __init__(
        self,
        store: Store,
        codec: RuntimeCodec,
        changes: Changes,
        locks: Section[Lock],
        left: Section[Left],
        versions: ClassVersions,
        cache_bytes: int,
    ) -> None:
        self.failure: Exception | None = None
        self.locks = locks
        self._left = left
        self.mark_of = versions.mark_of
        self.away: set[str] = set()
        self._versions = versions
        self._store = store
        self._changes = changes
        self._codec = EntityCodec(store.flow, codec.state_shapes)
        self._cache: EntityCache[str] = EntityCache(cache_bytes, self._let_go)
        self._unloaded: OrderedDict[Record, None] = OrderedDict()
        store.load = self._unloaded.setdefault

    def __len__(self) -> int:
        return len(self._cache)

    def load(self, record: Record, *, is_given: bool = False) -> None:
        """Learn who holds an entity of this place, and make its instance unless that is given.

        What is raised here is kept in `failure` too: it ends the transaction even where the method catches it.

        Raises:
            MalformedBytes: the stored state cannot be read.
            UpgradeFailed: another version of its class wrote it, and the present one cannot take it over.
        """
        label = record.stored_label
        if not label:
            label = record.stored_label = f"{self._versions.stored_name(record.cls)}/{encode_key(record.key).hex()}"
            record.sent_label = label_of(record)
        sealed = self._changes.get("e/" + label)
        lock = self.locks.get(label)
        data = None
        if sealed is not None:
            try:
                data = self._read(record, sealed, is_given=is_given)
            except Exception as error:
                self.failure = error
                raise
        elif record.instance is not None and not is_given:
            self._store.place(record, None)
        record.label = label
        record.is_stable = None
        record.stored = digest_of_state(data)
        record.holder = None if lock is None else self._left.get(lock.holder)
        self._cache.put(label, record, len(data or b""))

    def _read(self, record: Record, sealed: bytes, *, is_given: bool) -> bytes:
        """Make the instance; return the state as the present class writes it."""
        source, data = self._versions.open(record.cls, sealed)
        if source is not None:
            # What the upgrade makes counts as stored: it is written only when a method changes it.
            instance, data = self._codec.upgrade(record.cls, record.key, data, source)
        elif not is_given:
            instance = self._codec.decode(record.cls, data)
        if not is_given:
            self._store.place(record, instance)
        return data

    def to_send(self, record: Record, data: bytes | None) -> State:
        """Return the state of an entity as it is sent to its home."""
        if not record.sent_label:
            record.sent_label = label_of(record)
        return record.sent_label, data, self.mark_of(record.cls)

    def stored_bytes(self, label: str) -> int:
        """Return the size of an entity's state as it is stored."""
        return len(self._changes.get("e/" + label) or b"")

    def encode(self, record: Record) -> bytes | None:
        """Return the present state of an entity; None when it does not exist.

        Raises:
            UnstorableValue: it holds something that cannot be stored.
            LimitExceeded: it is too large.
        """
        instance = record.instance
        return None if instance is None else self._codec.encode(instance)

    def keep(self, record: Record, data: bytes | None) -> None:
        """Store the present state of an entity."""
        if not self._note_stored(record, data):
            return
        if data is None:
            self._put(record.label, None)
            return
        self._put(record.label, self._versions.seal(record.cls, data))
        if data[:1] != FLAT:
            self.forget(record)

    def _note_stored(self, record: Record, data: bytes | None) -> bool:
        """Note the state that is stored of an entity; tell whether it is another one."""
        digest = data if data is None or len(data) <= SHORT_BYTES else digest_of_state(data)
        if digest == record.stored:
            return False
        record.stored = digest
        self._cache.put(record.label, record, 0 if data is None else len(data))
        return True

    def keep_held(self, record: Record, data: bytes | None, holder: str) -> None:
        """Store the present state of an entity whose holder moves on, and what its undo needs."""
        lock = self.locks.get(record.label) or Lock(holder)
        if not lock.is_changed and digest_of_state(data) != record.stored:
            lock.is_changed, lock.before = True, self._changes.get("e/" + record.label)
        self.locks.put(record.label, lock)
        self.keep(record, data)

    def keep_sent(self, state: State, *, is_final: bool) -> None:
        """Store a state that its holder sends home, at its end or while it goes on elsewhere.

        Raises:
            PlaceStopped: the version of the class that wrote it is not known here.
        """
        label, data, mark = state
        record = self._cache.get(label)
        if record is not None and record.sent_label == label and mark == self.mark_of(record.cls):
            # Most entities: their class has the name that it had at first, and has not changed.
            sealed = None if data is None else self._versions.seal(record.cls, data)
        else:
            label, sealed = self._seal_sent(state)
            record = self._cache.get(label)
        if not is_final:
            self._note_former(label)
        self._put(label, sealed)
        if record is None:
            return
        if data is None or data[:1] != FLAT or mark != self.mark_of(record.cls) or record.instance is None:
            self.forget(record)
            return
        # What comes home is most often wanted there again.
        self._codec.refill(record.instance, data)
        record.is_stable = None
        self._note_stored(record, data)
        self.away.discard(label)

    def _seal_sent(self, state: State) -> tuple[str, bytes | None]:
        """Return the label under which a state that was sent is kept, and what is kept."""
        name, data, mark = state
        class_name, _, key = name.rpartition("/")
        cls = self._store.flow.by_name.get(class_name)
        label = f"{class_name if cls is None else self._versions.stored_name(cls)}/{key}"
        return label, None if data is None else self._versions.seal_sent(class_name, data, mark)

    def _note_former(self, label: str) -> None:
        lock = self.locks.get(label)
        assert lock is not None
        if not lock.is_changed:
            lock.is_changed, lock.before = True, self._changes.get("e/" + label)
            self.locks.put(label, lock)

    def keep_locked(self, label: str, holder: str) -> None:
        """Note who holds an entity."""
        if self.locks.get(label) is None:
            self.locks.put(label, Lock(holder))

    def keep_away(self, label: str, holder: str, *, is_new: bool) -> None:
        """Note who holds an entity whose state goes along with its holder; `is_new` when it leaves this place for the first time."""
        if is_new:
            self.locks.put(label, Lock(holder))
        else:
            self.keep_locked(label, holder)
        self.away.add(label)

    def _put(self, label: str, sealed: bytes | None) -> None:
        """Store a state; None: the entity does not exist."""
        if sealed is None:
            self._changes.remove("e/" + label)
        else:
            self._changes.put("e/" + label, sealed)

    def forget_label(self, label: str) -> None:
        """Drop an entity from memory, where it is in memory."""
        self._cache.drop(label)

    def forget(self, record: Record) -> None:
        """Drop an entity from memory; the next use loads it."""
        self._cache.drop(record.label)

    def _let_go(self, record: Record) -> None:
        record.holder = None
        record.label = ""
        self._store.place(record, None)
        self._unloaded[record] = None

    def undo(self, label: str) -> None:
        """Give an entity the state that it had before its holder changed it."""
        lock = self.locks.get(label)
        if lock is not None and lock.is_changed:
            self._put(label, lock.before)
        self.forget_label(label)

    def readers(self, label: str) -> tuple[str, ...]:
        """Return the transactions that share an entity and have left this place for now."""
        lock = self.locks.get(label)
        return () if lock is None else lock.readers

    def keep_shared(self, label: str, reader: str) -> None:
        """Note that a transaction which leaves goes on to share an entity."""
        readers = self.readers(label)
        if reader not in readers:
            self.locks.put(label, Lock("", readers=(*readers, reader)))

    def release(self, label: str, request_id: str) -> None:
        """Let go of an entity, or of a transaction's share in it."""
        lock = self.locks.get(label)
        if lock is not None:
            if request_id in lock.readers:
                lock.readers = tuple(reader for reader in lock.readers if reader != request_id)
                self.locks.put(label, lock)
            if not lock.readers:
                self.locks.remove(label)
        if label in self.away:
            # It did not come home, and is what is stored.
            self.away.remove(label)
            self.forget_label(label)
        record = self._cache.get(label)
        if record is not None:
            record.holder = None

    def prune(self) -> None:
        """Drop the entities that are too many, first those that were not used lately (second chance).

        What is left of them, and of entities of other places, are records without states. They are kept for their next use, and when there
        are many the first of them are forgotten.
        """
        self._cache.shrink()
        while len(self._unloaded) > UNLOADED_RECORDS:
            record, _ = self._unloaded.popitem(last=False)
            if not record.label and record.identity is not None and self._store.records.get(record.identity) is record:
                self._store.forget(record)
