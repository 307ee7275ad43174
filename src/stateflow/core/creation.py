"""New entities, deleted ones, and entities by their keys."""

from __future__ import annotations

import types
from typing import Any

from stateflow.core import prelude_table
from stateflow.core.boundaries import CreateBoundary
from stateflow.core.domains import KeyNotAtHand
from stateflow.core.entry import Entry
from stateflow.core.frame import SUSPENDED
from stateflow.core.native_classes import mypyc_attr
from stateflow.core.partitioning import check_partition
from stateflow.core.store import Record
from stateflow.errors import EntityAlreadyExists
from stateflow.protocol.keys import check_key
from stateflow.references import Reference

__all__ = ["Creation"]


@mypyc_attr(allow_interpreted_subclasses=True)
class Creation(Entry):
    """The part of a transaction that creates and deletes."""

    def create(self, cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Create an entity."""
        if self.suspends:
            return self.suspend("create", cls, args, kwargs)
        return self.perform_create(cls, args, kwargs)

    def perform_create(self, cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Make the instance, run `__init__` in its domain, give it its key."""
        if self.is_exhausted():
            return self.suspend("create", cls, args, kwargs)
        record = Record(cls, None)
        try:
            args, kwargs = self.codec.carry_arguments(args, kwargs, record, f"{cls.__name__}.__init__")
        except KeyNotAtHand as missing:
            return self.suspend("with_key", missing.record, "create", (cls, args, kwargs))
        instance: Any = object.__new__(cls)
        self.unborn.append(record)
        record.number = len(self.unborn)
        self.store.place(record, instance)
        init: Any = cls.__init__  # type: ignore[misc]
        if init is object.__init__ and (args or kwargs):
            init = _refuse_arguments
        if cls in self.flow.resumable_post_inits:
            init = prelude_table.function("initialise")
        code = self.codes.get(init.__code__) if type(init) is types.FunctionType else None
        return self.within(CreateBoundary, record, code, init, (instance, *args), kwargs)

    def finish_create(self, record: Record, result: Any, caller: Record | None) -> Any:
        """Give a new entity its place among the others; return the reference to it."""
        if result is not None:
            raise TypeError(f"__init__() should return None, not '{type(result).__name__}'")
        is_known = record.identity is not None
        try:
            born = self.give_key(record)
        except KeyNotAtHand:
            self.frames.append(CreateBoundary(caller, record))
            return self.suspend("give_key", record)
        if is_known:
            self.check_key(born)
        return born.instance if born is caller else self.store.reference_to(born)

    def give_key(self, record: Record) -> Record:
        """Return the record of a new entity under its key; asked again, the same one.

        Raises:
            EntityAlreadyExists: the key is taken.
            InvalidPartition: the class cannot say where it belongs.
            KeyNotAtHand: the transaction must first wait for the key, or move to where it lives.
        """
        if record.identity is not None:
            return self.store.under_key(record)
        instance = record.instance
        key = instance.__key__()
        if type(key) is not tuple:
            # The table checks a tuple, as it needs its bytes.
            check_key(key)
        check_partition(record.cls, key)
        taken = self.store.record_of(record.cls, key)
        if taken.holder is not self and not self.take(taken):
            raise KeyNotAtHand(record)
        if taken.instance is not None:
            raise EntityAlreadyExists(record.cls.__name__, key)
        self.store.by_instance.pop(id(instance), None)
        self.store.place(taken, instance)
        record.identity, record.key = taken.identity, key
        if self.domain is record:
            self.domain = taken
        return taken

    def perform_give_key(self, record: Record) -> Any:
        """Give a new entity its key, at the place of that key."""
        try:
            self.give_key(record)
        except KeyNotAtHand:
            return self.suspend("give_key", record)
        return None

    def delete(self, entity: Any) -> Any:
        """Delete an entity."""
        if self.suspends:
            return self.suspend("delete", entity)
        return self.perform_delete(entity)

    def perform_delete(self, entity: Any) -> Any:
        """Empty the record of an entity."""
        if isinstance(entity, Reference):
            record = self.reach(entity)
            if record is None:
                self.suspend("delete", entity)
                return SUSPENDED
        else:
            record = self.store.by_instance.get(id(entity))
            if record is None:
                raise TypeError(f"stateflow.delete takes an entity, not {type(entity).__name__}")
            if record.holder is not self:
                self.take(record)
        self.store.place(record, None)
        return None

    def by_key(self, cls: Any, key: Any) -> Any:
        """Return the entity with a key, as the current domain sees it."""
        if type(key) is not tuple:
            # The store checks a tuple, as it needs its bytes.
            check_key(key)
        record = self.store.record_of(cls, key)
        return record.instance if record is self.domain else self.store.reference_to(record)


def _refuse_arguments(instance: Any, *args: Any, **kwargs: Any) -> None:
    raise TypeError(f"{type(instance).__name__}() takes no arguments")
