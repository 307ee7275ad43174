"""The versions of classes that have written to one store, oldest first, and whether these classes may go on with it.

A class may be renamed, so the store keeps its states under a name that never changes: the *stored name*, which is mostly the name that the
class had when it first wrote. To which class of the flow it belongs, the latest version under it says.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

from stateflow.dataflow.schema import ClassVersion
from stateflow.errors import DatabaseDamaged, IncompatibleSchema, NewerSchema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from stateflow.dataflow import Dataflow
    from stateflow.dataflow.schema import ClassSchema

    HasStates = Callable[[str, int], bool]

__all__ = ["History", "StoredVersion"]


class StoredVersion(NamedTuple):
    """A version with the number that states name it by; later versions have higher numbers."""

    number: int
    stored_name: str
    version: ClassVersion


class History:
    """The versions in one store.

    A version is added with the first state that it writes, never before: code that only reads leaves no trace.

    Args:
        flow: the present classes.
        stored: the versions in the store.
    """

    def __init__(self, flow: Dataflow, stored: Iterable[StoredVersion] = ()) -> None:
        self._flow = flow
        self._versions = {known.number: known for known in sorted(stored)}
        self._latest = {known.stored_name: known for known in self._versions.values()}
        self._names: dict[type, str] = {}
        self._fresh: dict[str, type] = {}
        self._numbers: dict[type, int] = {}
        self._sources: dict[int, ClassVersion | None] = {}
        self._pending: list[StoredVersion] = []

    def stored_name(self, cls: type) -> str:
        """Return the name that the store knows a class of the flow by."""
        name = self._names.get(cls)
        if name is None:
            owned = self._owned(cls)
            name = owned[0] if owned else self._free_name(cls)
            self._names[cls], self._fresh[name] = name, cls
        return name

    def _owned(self, cls: type) -> list[str]:
        return [name for name in self._latest if self._class_of(name) is cls]

    def _class_of(self, stored_name: str) -> type | None:
        return self._flow.by_name.get(self._latest[stored_name].version.class_name)

    def class_named(self, stored_name: str) -> type | None:
        """Return the class that the store knows by a name; None when the flow does not have it."""
        if stored_name in self._latest:
            return self._class_of(stored_name)
        # A class that has not written yet, but that references name.
        return self._fresh.get(stored_name) or self._flow.by_name.get(stored_name)

    def _free_name(self, cls: type) -> str:
        # Another class may have had this name first, before it was renamed.
        own = cls.__qualname__
        names = itertools.chain([own], (f"{own}.{number}" for number in itertools.count(2)))
        return next(name for name in names if name not in self._latest)

    def number_for(self, cls: type) -> int:
        """Return the number that states written now carry. The first time, the version of the class becomes one of `pending`."""
        number = self._numbers.get(cls)
        if number is None:
            number = self._numbers[cls] = self._same(cls) or self._add(cls)
        return number

    def _same(self, cls: type) -> int | None:
        latest = self._latest.get(self.stored_name(cls))
        return latest.number if latest is not None and latest.version == self._flow.schema(cls).version else None

    def _add(self, cls: type) -> int:
        number = max(self._versions, default=0) + len(self._pending) + 1
        self._pending.append(StoredVersion(number, self.stored_name(cls), self._flow.schema(cls).version))
        return number

    @property
    def pending(self) -> Sequence[StoredVersion]:
        """The versions that are to be stored together with the first states that carry their numbers."""
        return tuple(self._pending)

    def committed(self) -> None:
        """Note that the pending versions are in the store."""
        for known in self._pending:
            self._versions[known.number] = self._latest[known.stored_name] = known
        self._pending.clear()

    def discard(self) -> None:
        """Note that the pending versions did not get into the store."""
        dropped = {known.number for known in self._pending}
        self._numbers = {cls: number for cls, number in self._numbers.items() if number not in dropped}
        self._pending.clear()

    def source(self, cls: type, number: int) -> ClassVersion | None:
        """Return the version that a state must be upgraded from; None when it is taken over as it is.

        Args:
            cls: the class of the entity.
            number: the number that its state carries.

        Raises:
            DatabaseDamaged: there is no such version.
        """
        try:
            return self._sources[number]
        except KeyError:
            known = self._versions.get(number)
        if known is None:
            raise DatabaseDamaged(f"SF552: a state of {cls.__name__} names version {number} of its class, which is lost; put a backup back")
        source = None if self._flow.schema(cls).is_current(known.version) else known.version
        self._sources[number] = source
        return source

    def check(self, has_states: HasStates, *, allow_newer: bool = False, allow_unknown: bool = False) -> None:
        """Refuse a store whose states these classes cannot take over.

        Args:
            has_states: tells whether there are states of a stored name and version number. It is only asked where there is a problem.
            allow_newer: read states that newer versions of the classes wrote as if these classes followed them.
            allow_unknown: leave states of classes that the flow does not have where they are.

        Raises:
            IncompatibleSchema: states lack fields whose value nobody can tell, or belong to no class of the flow.
            NewerSchema: newer versions of the classes have written to the store.
        """
        newer: list[str] = []
        problems: list[str] = []
        for stored_name in self._latest:
            known = self._under(stored_name)
            cls = self._class_of(stored_name)
            if cls is not None:
                newer += [] if allow_newer else _newer_versions(known, self._flow.schema(cls))
                problems += _obstacles(known, self._flow.schema(cls), has_states)
            elif not allow_unknown and _has_any_states(known, has_states):
                problems.append(_unknown_class(dict.fromkeys(one.version.class_name for one in known)))
        if newer:
            raise NewerSchema(list(dict.fromkeys(newer)))
        problems += [problem for cls in self._flow.classes for problem in self._shared(cls, has_states)]
        if problems:
            raise IncompatibleSchema(list(dict.fromkeys(problems)))

    def _under(self, stored_name: str) -> list[StoredVersion]:
        return [known for known in self._versions.values() if known.stored_name == stored_name]

    def _shared(self, cls: type, has_states: HasStates) -> list[str]:
        """Settle which of several stored names is the one of a class; complain when more than one has states."""
        owned = self._owned(cls)
        if len(owned) < 2:
            return []
        used = [name for name in owned if _has_any_states(self._under(name), has_states)]
        self._names[cls] = (used or owned)[0]
        return [_two_names(cls, [self._latest[name].version.class_name for name in used])] if len(used) > 1 else []


def _newer_versions(known: Sequence[StoredVersion], schema: ClassSchema) -> list[str]:
    """Return what there is to say of the stored versions that the present class came before."""
    present = schema.version.number
    current = [one.number for one in known if schema.is_current(one.version)]
    return [
        _newer(one, schema)
        for one in known
        if (one.version.number > present)
        or (one.version.number == present and current and one.number > current[-1] and schema.differs(one.version))
    ]


def _obstacles(known: Sequence[StoredVersion], schema: ClassSchema, has_states: HasStates) -> list[str]:
    found = [(one, schema.obstacles(one.version)) for one in known]
    return [_lacking(schema, lacking) for one, lacking in found if lacking and has_states(one.stored_name, one.number)]


def _has_any_states(known: Sequence[StoredVersion], has_states: HasStates) -> bool:
    return any(has_states(one.stored_name, one.number) for one in known)


def _unknown_class(names: Iterable[str]) -> str:
    *former, name = names
    called = f", called {' and '.join(former)} before" if former else ""
    return (
        f"there are entities of {name}{called}, which is no class of this flow; keep the class, or "
        f"say @stateflow.renamed({name!r}) on the one that replaces it"
    )


def _newer(known: StoredVersion, schema: ClassSchema) -> str:
    name = schema.version.class_name
    present, stored = schema.version.fields.keys(), known.version.fields.keys()
    changes = [f"it {word} {', '.join(sorted(names))}" for word, names in (("has", stored - present), ("lacks", present - stored)) if names]
    if known.version.number > schema.version.number:
        changes.insert(0, f"its __version__ is {known.version.number}, not {schema.version.number}")
    changes += [f"{value} has other fields" for value in schema.changed_values(known.version)]
    told = f" ({'; '.join(changes)})" if changes else ""
    return f"a newer version of {name} has written here{told}; start the newer code again"


def _lacking(schema: ClassSchema, lacking: Sequence[str]) -> str:
    name = schema.version.class_name
    return (
        f"stored entities of {name} lack {', '.join(lacking)}, which {name}.__init__ takes from its arguments; define "
        f"{name}.__upgrade__(self, state), or give a default"
    )


def _two_names(cls: type, names: Sequence[str]) -> str:
    return (
        f"there are entities of {' and of '.join(names)}, which are both {cls.__name__} now; take one of the names out of "
        f"@stateflow.renamed and keep its class"
    )
