"""The records of entities, in memory."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, NoReturn
from weakref import WeakKeyDictionary

from stateflow.core.entity_record import Address, Record
from stateflow.errors import EntityNotFound, ReferenceInNativeCode
from stateflow.limits import KEPT_REFERENCES
from stateflow.protocol.keys import Identity, check_length, identity
from stateflow.references import Reference, ReferenceTable, is_dunder

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.dataflow import Dataflow

__all__ = ["Address", "NativeAccess", "Record", "Store", "fill_state", "get_state", "set_state"]


class NativeAccess:
    """Answers for references that native code uses as objects: only compiled code reaches other entities.

    It is no part of the store: what entities hold must not lead there, see `Record`.

    Args:
        flow: the compiled classes.
    """

    def __init__(self, flow: Dataflow) -> None:
        self._flow = flow

    def reference_attribute(self, reference: Reference, name: str) -> NoReturn:
        """Refuse native access."""
        if is_dunder(name):
            raise AttributeError(f"{reference._sf_class.__name__!r} object has no attribute {name!r}")
        if self._flow.member_kind(reference._sf_class, name) is None:
            error = AttributeError(f"'{reference._sf_class.__name__}' object has no attribute '{name}'")
            error.name = name
            raise error
        raise ReferenceInNativeCode(
            f"SF520: {reference!r}.{name} is reached by code that took {reference!r} for a local object; "
            f"correct its annotation, or read the attribute in the method and pass the value on"
        )

    def reference_assignment(self, reference: Reference, name: str) -> NoReturn:
        """Refuse native assignment."""
        raise ReferenceInNativeCode(
            f"SF520: {reference!r}.{name} is assigned by code that took {reference!r} for a local object; correct its annotation"
        )


class Store:
    """The entities of one runtime, all or those in use. It owns the references that the entities hold of each other.

    Args:
        flow: the compiled classes.
        load: called with each new record, perhaps to give it the instance that a database holds; None when memory holds all.
    """

    def __init__(self, flow: Dataflow, load: Callable[[Record], object] | None = None) -> None:
        self.flow = flow
        self.load = load
        self.references = ReferenceTable(flow.reference_types, NativeAccess(flow))
        self.records: dict[Identity, Record] = {}
        self.by_instance: dict[int, Record] = {}
        self._referenced: deque[Record] = deque()

    def record(self, reference: Reference) -> Record:
        """Return the record that a reference of this store means."""
        name = reference._sf_identity
        return self.records.get(name) or self._new_record(name, reference._sf_class, reference._sf_key)

    def record_of(self, cls: type, key: Any) -> Record:
        """Return the record of the entity of `cls` with `key`."""
        name = identity(cls, key)
        found = self.records.get(name)
        if found is None:
            check_length(name, key)
            found = self._new_record(name, cls, key)
        return found

    def under_key(self, record: Record) -> Record:
        """Return the record which the entity of a record has under its key: another one, when it was created a moment ago."""
        assert record.identity is not None
        return self.records.get(record.identity) or self._new_record(record.identity, record.cls, record.key)

    def _new_record(self, name: Identity, cls: type, key: Any) -> Record:
        made = Record(cls, key, name)
        if self.load is not None:
            self.load(made)
        self.records[name] = made
        return made

    def reference(self, cls: type, key: Any) -> Reference:
        """Return the reference to the entity of `cls` with `key`, in the shortest way for one that is in memory."""
        name = identity(cls, key)
        record = self.records.get(name)
        return self.references.named(name, cls, key) if record is None else self.reference_to(record)

    def reference_to(self, record: Record) -> Reference:
        """Return the reference to an entity that has a key. It is kept for a while, as it takes longer to make than to find."""
        reference = record.kept_reference
        if reference is None:
            assert record.identity is not None
            reference = record.kept_reference = self.references.named(record.identity, record.cls, record.key, is_checked=True)
            self._referenced.append(record)
            if len(self._referenced) > KEPT_REFERENCES:
                self._referenced.popleft().kept_reference = None
        return reference

    def same(self, reference: Reference) -> Reference:
        """Return this store's reference to the entity of another one's, in the shortest way for one that is in memory."""
        record = self.records.get(reference._sf_identity)
        return self.references.same(reference) if record is None else self.reference_to(record)

    def is_stable(self, record: Record) -> bool:
        """Tell whether an entity, which nobody changes now, stays as it is when it is read."""
        if record.is_stable is None:
            record.is_stable = record.instance is None or self.flow.is_stable(get_state(record.instance))
        return record.is_stable

    def forget(self, record: Record) -> None:
        """Drop a record, which no transaction holds; the next use of its reference loads it anew."""
        assert record.identity is not None
        del self.records[record.identity]
        record.kept_reference = None
        self.place(record, None)

    def clear(self) -> None:
        """Drop all records, also those that a transaction holds which failed half way."""
        for record in self.records.values():
            record.holder = record.before = record.kept_reference = None
            self.place(record, None)
        self.records.clear()
        self._referenced.clear()

    def existing(self, reference: Reference) -> Record:
        """Return the record of an entity that exists.

        Raises:
            EntityNotFound: it does not exist.
        """
        record = self.record(reference)
        if record.instance is None:
            raise EntityNotFound(record.cls.__name__, record.key)
        return record

    def place(self, record: Record, instance: Any) -> None:
        """Put an instance in a record, or None to empty it."""
        if record.instance is not None:
            self.by_instance.pop(id(record.instance), None)
        record.instance = instance
        if instance is not None:
            self.by_instance[id(instance)] = record


def get_state(instance: Any) -> dict[str, Any]:
    """Return all attributes of an instance: a dict of its own, which holds the very values."""
    state = dict(getattr(instance, "__dict__", ()))
    for name in _slots(type(instance)):
        if hasattr(instance, name):
            state[name] = getattr(instance, name)
    return state


def fill_state(instance: Any, state: dict[str, Any], *, has_slots: bool) -> None:
    """Give an instance that has no attributes yet these ones."""
    if has_slots:
        set_state(instance, state)
    else:
        instance.__dict__.update(state)


def set_state(instance: Any, state: dict[str, Any]) -> None:
    """Give an instance exactly these attributes."""
    slots = _slots(type(instance))
    if hasattr(instance, "__dict__"):
        own = instance.__dict__
        own.clear()
        own.update({n: v for n, v in state.items() if n not in slots} if slots else state)
    for name in slots:
        if name in state:
            object.__setattr__(instance, name, state[name])
        elif hasattr(instance, name):
            object.__delattr__(instance, name)


_slots_of: WeakKeyDictionary[type, tuple[str, ...]] = WeakKeyDictionary()


def _slots(cls: type) -> tuple[str, ...]:
    """Return the names of the attributes that objects of a class keep in slots."""
    found = _slots_of.get(cls)
    if found is None:
        given = [base.__dict__.get("__slots__", ()) for base in cls.__mro__]
        names = [name for slots in given for name in ((slots,) if isinstance(slots, str) else slots)]
        found = _slots_of[cls] = tuple(dict.fromkeys(n for n in names if n not in ("__dict__", "__weakref__")))
    return found
