"""The versions of classes that have written to one file, oldest first, and whether these classes may go on with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stateflow.errors import IncompatibleSchema, NewerSchema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stateflow.dataflow import Dataflow
    from stateflow.dataflow.schema import ClassSchema, ClassVersion

__all__ = ["History", "StoredVersion"]


class StoredVersion(NamedTuple):
    """A version with the number that states name it by; later versions have higher numbers."""

    number: int
    version: ClassVersion


class History:
    """The versions in one file.

    A version is added when the first state is written with it, never before: code that only reads leaves no trace.

    Args:
        stored: the versions in the file, oldest first.
        append: writes one more version to the file and answers its number.
    """

    def __init__(self, stored: Iterable[StoredVersion], append: Callable[[ClassVersion], int]) -> None:
        self._versions = dict(stored)
        self._append = append
        self._current: dict[type, int] = {}

    def version(self, number: int) -> ClassVersion:
        """Return the version that a state names."""
        return self._versions[number]

    def number_for(self, schema: ClassSchema) -> int:
        """Return the number that states written now carry; the first time, the version is added to the file."""
        number = self._current.get(schema.cls)
        if number is None:
            number = self._current[schema.cls] = self._latest(schema.version) or self._add(schema.version)
        return number

    def check(self, flow: Dataflow, has_states: Callable[[int], bool], *, allow_newer: bool = False, allow_unknown: bool = False) -> None:
        """Refuse a file whose states these classes cannot take over.

        Args:
            flow: the present classes.
            has_states: tells whether the file still has states of a version. It is only asked where there is a problem.
            allow_newer: read states that newer versions of the classes wrote as if these classes followed them.
            allow_unknown: leave states of classes that the flow does not have where they are.

        Raises:
            IncompatibleSchema: states lack fields whose value nobody can tell, or belong to no class of the flow.
            NewerSchema: newer versions of the classes have written to the file.
        """
        newer: list[str] = []
        problems: list[str] = []
        for number, version in self._versions.items():
            cls = flow.by_name.get(version.class_name)
            if cls is None:
                if not allow_unknown and has_states(number):
                    problems.append(_unknown_class(version.class_name))
                continue
            schema = flow.schema(cls)
            if not allow_newer and self._is_newer(number, version, schema, flow):
                newer.append(_newer(version, schema))
            lacking = schema.obstacles(version)
            if lacking and not newer and has_states(number):
                problems.append(_lacking(schema, lacking))
        if newer:
            raise NewerSchema(list(dict.fromkeys(newer)))
        if problems:
            raise IncompatibleSchema(list(dict.fromkeys(problems)))

    def _is_newer(self, number: int, version: ClassVersion, schema: ClassSchema, flow: Dataflow) -> bool:
        """Tell whether a stored version is one that the present class came before."""
        if version.number != schema.version.number:
            return version.number > schema.version.number
        own = schema.version.digest
        before = [n for n, v in self._versions.items() if v.digest == own and flow.by_name.get(v.class_name) is schema.cls]
        return bool(before) and version.digest != own and number > max(before)

    def _latest(self, version: ClassVersion) -> int | None:
        same = [number for number, known in self._versions.items() if known.class_name == version.class_name]
        return same[-1] if same and self._versions[same[-1]] == version else None

    def _add(self, version: ClassVersion) -> int:
        number = self._append(version)
        self._versions[number] = version
        return number


def _unknown_class(name: str) -> str:
    return (
        f"there are entities of {name}, which is no class of this flow; keep the class, or "
        f"say @stateflow.renamed({name!r}) on the one that replaces it"
    )


def _newer(version: ClassVersion, schema: ClassSchema) -> str:
    name = schema.version.class_name
    present, stored = schema.version.fields.keys(), version.fields.keys()
    changes = [*(f"it has {n}" for n in sorted(stored - present)), *(f"it lacks {n}" for n in sorted(present - stored))]
    if version.number > schema.version.number:
        changes.insert(0, f"its __version__ is {version.number}, not {schema.version.number}")
    told = f" ({'; '.join(changes)})" if changes else ""
    return (
        f"a newer version of {name} has written here{told}; start the newer code again"
    )


def _lacking(schema: ClassSchema, lacking: tuple[str, ...]) -> str:
    name = schema.version.class_name
    return (
        f"stored entities of {name} lack {', '.join(lacking)}, which {name}.__init__ takes from its arguments; define "
        f"{name}.__upgrade__(self, state), or give a default"
    )
