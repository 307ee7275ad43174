"""The records of entities, in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn
from weakref import WeakKeyDictionary

from stateflow.errors import EntityNotFound, ReferenceInNativeCode
from stateflow.protocol.keys import Identity, identity
from stateflow.references import Reference, ReferenceTable, is_dunder, set_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.dataflow import Dataflow

__all__ = ["Address", "Record", "Store", "fill_state", "get_state", "set_state"]

Address = tuple[str, bytes]
"""The stored name of an entity's class, and its encoded key."""


class Record:
    """One entity of a store. `instance` is None when it does not exist; `number` names it while it has no key yet.

    `address` is the name of its class and its encoded key, where there is a database; `label` is both as one name, where there are places
    (empty: it lives elsewhere, or was not looked up yet). What was found out once stays: `home` is the name of its place,
    `stored_label` the label that it has there, `sent_label` that in messages.

    `holder` is the transaction that touched it; `before` what its undo needs: the instance and its state then. `is_stored` says that the
    database holds it; `stored` tells which state that is, or will be with the next commit (None: none). `is_recent` says that it was used
    since the cache last looked; `size` is what it takes in the cache, in bytes. `is_stable` says that the present state does not change
    when it is read (None: not yet known).
    """

    __slots__ = (
        "address", "before", "cls", "holder", "home", "instance", "is_recent", "is_stable", "is_stored", "key", "label", "number",
        "reference", "sent_label", "size", "stored", "stored_label",
    )  # fmt: skip

    def __init__(self, cls: type, key: object, reference: Reference | None) -> None:
        self.cls = cls
        self.key = key
        self.reference = reference
        self.instance: Any = None
        self.holder: Any = None
        self.before: tuple[Any, dict[str, Any] | None] | None = None
        self.number = 0
        self.address: Address = ("", b"")
        self.label = ""
        self.stored_label = ""
        self.sent_label = ""
        self.home = ""
        self.stored: bytes | None = None
        self.is_recent = True
        self.is_stable: bool | None = None
        self.is_stored = False
        self.size = 0

    def __repr__(self) -> str:
        return f"Record({self.cls.__name__}, {self.key!r})"


class Store:
    """The entities of one runtime, all or those in use. It owns the references that the entities hold of each other.

    Args:
        flow: the compiled classes.
        load: called with each new record, perhaps to give it the instance that a database holds; None when memory holds all.
    """

    def __init__(self, flow: Dataflow, load: Callable[[Record], object] | None = None) -> None:
        self.flow = flow
        self.load = load
        self.references = ReferenceTable(flow.reference_types, self)
        self.records: dict[Identity, Record] = {}
        self.by_instance: dict[int, Record] = {}

    def record(self, reference: Reference) -> Record:
        """Return the record that a reference of this store means."""
        found: Record | None = reference._sf_record
        if found is None:
            name = reference._sf_identity
            found = self.records.get(name)
            if found is None:
                found = Record(reference._sf_class, reference._sf_key, reference)
                if self.load is not None:
                    self.load(found)
                self.records[name] = found
            set_record(reference, found)
        return found

    def reference(self, cls: type, key: Any) -> Reference:
        """Return the reference to the entity of `cls` with `key`, in the shortest way for one that is in memory."""
        name = identity(cls, key)
        record = self.records.get(name)
        return self.references.named(name, cls, key) if record is None or record.reference is None else record.reference

    def record_of(self, cls: type, key: Any) -> Record:
        """Return the record of the entity of `cls` with `key`, in the shortest way for one that is in memory."""
        name = identity(cls, key)
        return self.records.get(name) or self.record(self.references.named(name, cls, key))

    def same(self, reference: Reference) -> Reference:
        """Return this store's reference to the entity of another one's, in the shortest way for one that is in memory."""
        record = self.records.get(reference._sf_identity)
        return self.references.same(reference) if record is None or record.reference is None else record.reference

    def is_stable(self, record: Record) -> bool:
        """Tell whether an entity, which nobody changes now, stays as it is when it is read."""
        if record.is_stable is None:
            record.is_stable = record.instance is None or self.flow.is_stable(get_state(record.instance))
        return record.is_stable

    def forget(self, record: Record) -> None:
        """Drop a record, which no transaction holds; the next use of its reference loads it anew."""
        assert record.reference is not None
        del self.records[record.reference._sf_identity]
        # References are one object for each entity, so this is the only one that knows the record.
        set_record(record.reference, None)
        self.place(record, None)

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

    def reference_attribute(self, reference: Reference, name: str) -> NoReturn:
        """Refuse native access: only compiled code reaches other entities."""
        if is_dunder(name):
            raise AttributeError(f"{reference._sf_class.__name__!r} object has no attribute {name!r}")
        if self.flow.member_kind(reference._sf_class, name) is None:
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
