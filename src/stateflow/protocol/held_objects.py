"""Objects that modules, classes and defaults hold, at any depth. Frames name them by their paths: reading gives the very objects."""

from __future__ import annotations

from collections import ChainMap, UserDict, UserList, deque
from types import MappingProxyType, MemberDescriptorType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from stateflow.errors import MalformedBytes, UnstorableValue
from stateflow.protocol.atoms import ATOMS
from stateflow.protocol.containers import dict_children, mapping_of
from stateflow.protocol.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping

__all__ = ["HeldObjects", "fields_of"]

_Step = tuple[str, Any]
# How a step goes on from an object: to an element by its number, a value by its key, a key or value by its place, an attribute by its name,
# what a proxy is of. An object known only by being itself, in a set, cannot be reached by any.
_ITEM, _VALUE, _PLACE, _FIELD, _PROXIED, _NOWHERE = "item", "value", "place", "field", "proxied", "nowhere"
_SEQUENCES = (list, tuple, deque)
_SETS = (set, frozenset)
_IMMUTABLE = (tuple, frozenset)
_WITH_FIELDS = (SimpleNamespace, UserDict, UserList, ChainMap, BaseException)
_KEYS = (str, int, bytes)
_ABSENT: Any = object()
_are_atoms = ATOMS.issuperset


class HeldObjects:
    """The objects that some roots hold.

    They are looked for when the first frame is written: most processes write none, and a table of a module may be large.

    Args:
        roots: what is held, by the full names.
        is_named: tells of a type whether its objects are named, and their parts looked at.
        classes: the classes of the user, whose attributes are looked at.
        constants: the addresses of objects that all bytes name.
    """

    def __init__(
        self, roots: Mapping[str, object], is_named: Callable[[type], bool], classes: Container[type], constants: Container[int]
    ) -> None:
        self._roots = roots
        self._is_named = is_named
        self._classes = classes
        self._constants = constants
        self._found: dict[int, tuple[object, _Step]] | None = None
        self.shape = Shape("held", lambda v: self._path(v) or [], self._find)

    def find(self, value: Any) -> Shape | None:
        """Return the shape that names an object; None when it is not held.

        Raises:
            UnstorableValue: it is known only by being itself, and has no path.
        """
        if self._found is None:
            self._found = self._search()
        return self.shape if id(value) in self._found and self._path(value) is not None else None

    def _search(self) -> dict[int, tuple[object, _Step]]:
        """Find all objects, by their shortest paths."""
        found: dict[int, tuple[object, _Step]] = {}
        # The list grows while it is walked.
        owners: list[Any] = []
        for name, value in self._roots.items():
            if id(value) not in found:
                found[id(value)] = (None, (name, None))
                owners.append(value)
        for owner in owners:
            for step, part in self._parts(owner):
                if id(part) not in found and self._may_be_named(part):
                    found[id(part)] = (owner, step)
                    owners.append(part)
        # Last, since another path may lead to them.
        for element in (e for owner in owners if isinstance(owner, _SETS) for e in owner):
            self._note_unnamed(element, found)
        return found

    def _may_be_named(self, value: Any) -> bool:
        kind = type(value)
        # Of an immutable container without elements there is one in a process, whoever made it.
        return self._is_named(kind) and id(value) not in self._constants and (kind not in _IMMUTABLE or len(value) > 0)

    def _note_unnamed(self, element: Any, found: dict[int, tuple[object, _Step]]) -> None:
        """Note the objects in an element of a set that compare by identity; a copy of any other is as good."""
        pending = [element]
        while pending:
            value = pending.pop()
            if id(value) in found or not self._may_be_named(value):
                continue
            compare: Any = type(value).__eq__
            if type(value) in self._classes and compare is object.__eq__:
                found[id(value)] = (None, (_NOWHERE, None))
            pending += value if isinstance(value, _SETS) else [part for _, part in self._parts(value)]

    def _parts(self, owner: Any) -> Iterator[tuple[_Step, Any]]:
        kind = type(owner)
        if issubclass(kind, _SEQUENCES):
            yield from () if _are_atoms(map(type, owner)) else (((_ITEM, number), part) for number, part in enumerate(owner))
        elif issubclass(kind, dict):
            yield from _items(dict_children(owner))
        elif kind is MappingProxyType:
            yield (_PROXIED, None), mapping_of(owner)
        if kind in self._classes or issubclass(kind, _WITH_FIELDS):
            yield from (((_FIELD, name), part) for name, part in fields_of(owner))

    def _path(self, value: Any) -> list[Any] | None:
        """Return the path of an object; None when it is no longer there, and something else has its address."""
        steps: list[Any] = []
        found: Any = self._found
        while True:
            owner, (kind, key) = found.get(id(value), (None, ("", None)))
            if owner is None:
                break
            if _go(owner, kind, key) is not value:
                return None
            steps = [kind, key, *steps]
            value = owner
        if kind == _NOWHERE:
            name = type(value).__qualname__
            raise UnstorableValue("", f"a {name} known only by being in a set of the module; keep it in a list or dict of the module")
        return [kind, *steps] if self._roots.get(kind, _ABSENT) is value else None

    def _find(self, children: Any) -> object:
        name, *steps = children
        value = self._roots.get(name, _ABSENT)
        for kind, key in zip(steps[::2], steps[1::2], strict=True):
            value = _go(value, kind, key)
        if value is _ABSENT or (steps and not self._may_be_named(value)):
            path = "".join(f"[{key!r}]" for key in steps[1::2])
            raise MalformedBytes(f"SF511: no module of this flow holds {name}{path}; was it renamed, moved or changed?")
        return value


def _items(children: list[Any]) -> Iterable[tuple[_Step, Any]]:
    if _are_atoms(map(type, children)):
        return
    for place, value in enumerate(children):
        key = children[place - 1]
        yield ((_VALUE, key) if place % 2 and type(key) in _KEYS else (_PLACE, place)), value


def fields_of(owner: Any) -> Iterator[tuple[str, Any]]:
    """Yield the names and values of what an object keeps in its `__dict__` and its slots."""
    yield from getattr(owner, "__dict__", {}).items()
    for name, member in _slots(type(owner)):
        try:
            yield name, member.__get__(owner)
        except AttributeError:
            continue


def _slots(cls: type) -> Iterator[tuple[str, Any]]:
    return ((name, member) for base in cls.__mro__ for name, member in base.__dict__.items() if type(member) is MemberDescriptorType)


def _go(owner: Any, kind: str, key: Any) -> Any:
    """Return the part of an object that a step leads to; no code of a class runs."""
    cls = type(owner)
    if kind == _ITEM and issubclass(cls, _SEQUENCES):
        base: Any = next(b for b in _SEQUENCES if issubclass(cls, b))
        return base.__getitem__(owner, key) if key < len(owner) else _ABSENT
    if kind == _VALUE and issubclass(cls, dict):
        return dict.get(owner, key, _ABSENT)
    if kind == _PLACE and issubclass(cls, dict):
        children = dict_children(owner)
        return children[key] if key < len(children) else _ABSENT
    if kind == _PROXIED and cls is MappingProxyType:
        return mapping_of(owner)
    if kind == _FIELD:
        return next((part for name, part in fields_of(owner) if name == key), _ABSENT)
    return _ABSENT
