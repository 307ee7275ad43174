"""The fast copy of object graphs: recursion over the usual containers, memo by address. What is unusual is left to the graph tables."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from stateflow.protocol.atoms import ATOMS
from stateflow.protocol.containers import fill_set

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from stateflow.protocol.shapes import Shape

__all__ = ["QuickCopy", "TooHard"]

_DEPTH = 80
_atomic = ATOMS.issuperset
_read = object.__getattribute__


class TooHard(Exception):
    """The graph is deep, has cycles through immutable objects, or hashes objects that are not complete."""


class QuickCopy:
    """One copy by recursion.

    Args:
        own: shapes of one runtime, which win.
        constants: the addresses of objects that are kept as they are.
        shapes: the shapes of the flow.
        translate: answers what stands for an object of the entity types.
        entity_types: exact types of the objects that are not taken apart.
    """

    __slots__ = ("_constants", "_depth", "_entity_types", "_kept", "_memo", "_own", "_shapes", "_translate")

    def __init__(
        self,
        own: Mapping[type, Shape],
        constants: Container[int],
        shapes: Mapping[type, Shape],
        translate: Callable[[Any], Any] | None,
        entity_types: frozenset[type],
    ) -> None:
        self._own = own
        self._constants = constants
        self._shapes = shapes
        self._translate = translate
        self._entity_types = entity_types
        self._memo: dict[int, Any] = {}
        self._kept: list[Any] = []
        self._depth = _DEPTH

    def copy(self, value: Any) -> Any:
        """Return the copy of `value`.

        Raises:
            TooHard: the copy needs the graph tables; nothing was changed.
        """
        kind = type(value)
        if kind in ATOMS:
            return value
        known = self._memo.get(id(value))
        if known is not None:
            return known
        if kind in self._entity_types:
            made = self._translate(value)  # type: ignore[misc]
            self._memo[id(value)] = made
            return made
        shape = self._own.get(kind)
        if shape is None:
            if id(value) in self._constants:
                return value
            shape = self._shapes.get(kind)
        if shape is None or self._depth == 0:
            raise TooHard
        self._depth -= 1
        copy = _COPIES.get(shape.tag) or _way(shape)
        made = copy(self, value, shape)
        self._depth += 1
        return made

    def remember(self, value: object, made: Any) -> Any:
        """Note that `made` is the copy of `value`."""
        self._memo[id(value)] = made
        return made

    def known(self, value: object) -> Any:
        """Return the copy of an immutable object that a cycle through its own children has made already, or None."""
        return self._memo.get(id(value))

    def are_rows(self, values: list[Any], kind: type) -> bool:
        """Tell whether all values, of one type, are tuples of atoms, which are passed as they are."""
        if kind is not tuple:
            shape = self._shapes.get(kind)
            if shape is None or not shape.is_tuple or kind in self._own:
                return False
        read = tuple.__iter__
        return _atomic(map(type, chain.from_iterable(map(read, values))))

    def keep(self, children: object) -> None:
        """Keep a passing object alive as long as the memo knows addresses inside it."""
        self._kept.append(children)

    def is_settled(self, value: object, made: object) -> bool:
        """Tell whether a copied child can be hashed at once."""
        return made is value or type(value) in self._entity_types


def _copy_list(run: QuickCopy, value: list[Any], shape: Shape) -> list[Any]:
    kinds = set(map(type, value))
    if _atomic(kinds) or (len(kinds) == 1 and run.are_rows(value, *kinds)):
        return run.remember(value, value.copy())  # type: ignore[no-any-return]
    made: list[Any] = run.remember(value, [])
    copy = run.copy
    for child in value:
        made.append(child if type(child) in ATOMS else copy(child))
    return made


def _copy_tuple(run: QuickCopy, value: tuple[Any, ...], shape: Shape) -> tuple[Any, ...]:
    if _atomic(map(type, value)):
        return value
    copy = run.copy
    children = [child if type(child) in ATOMS else copy(child) for child in value]
    return run.known(value) or run.remember(value, tuple(children))  # type: ignore[no-any-return]


def _copy_dict(run: QuickCopy, value: dict[Any, Any], shape: Shape) -> dict[Any, Any]:
    atomic_keys = _atomic(map(type, value))
    if atomic_keys and _atomic(map(type, value.values())):
        return run.remember(value, value.copy())  # type: ignore[no-any-return]
    made: dict[Any, Any] = run.remember(value, {})
    copy = run.copy
    for key, child in value.items():
        place = key if atomic_keys else _copy_hashed(run, key)
        made[place] = child if type(child) in ATOMS else copy(child)
    return made


def _copy_set(run: QuickCopy, value: set[Any], shape: Shape) -> Any:
    if not _atomic(map(type, value)):
        return _copy_by_shape(run, value, shape)
    made = run.remember(value, value.copy())
    if list(made) != list(value):
        made.clear()
        fill_set(made, list(value))
    return made


def _copy_hashed(run: QuickCopy, child: Any) -> Any:
    made = run.copy(child)
    if not run.is_settled(child, made):
        raise TooHard
    return made


def _copy_dict_of(run: QuickCopy, value: object, shape: Shape) -> object:
    """Copy an object that is all in its `__dict__`."""
    content: dict[Any, Any] = _read(value, "__dict__")
    if not _atomic(map(type, content)):
        return _copy_by_shape(run, value, shape)
    made = run.remember(value, shape.new())  # type: ignore[misc]
    filled = _read(made, "__dict__")
    if _atomic(map(type, content.values())):
        filled.update(content)
        return made
    copy = run.copy
    for name, child in content.items():
        filled[name] = child if type(child) in ATOMS else copy(child)
    return made


def _copy_slots(run: QuickCopy, value: object, shape: Shape) -> object:
    """Copy an object that is all in its slots; one that is not set stays so."""
    made = run.remember(value, shape.new())  # type: ignore[misc]
    copy = run.copy
    for member in shape.slots or ():
        try:
            child = member.__get__(value)
        except AttributeError:
            continue
        member.__set__(made, child if type(child) in ATOMS else copy(child))
    return made


def _copy_named_tuple(run: QuickCopy, value: tuple[Any, ...], shape: Shape) -> tuple[Any, ...]:
    items = tuple.__iter__(value)
    if _atomic(map(type, items)):
        return value
    copy = run.copy
    children = [child if type(child) in ATOMS else copy(child) for child in tuple.__iter__(value)]
    # Not by `or`: its class may say that it is false.
    known = run.known(value)
    return run.remember(value, tuple.__new__(type(value), children)) if known is None else known  # type: ignore[no-any-return]


def _copy_by_shape(run: QuickCopy, value: Any, shape: Shape) -> Any:
    if shape.new is not None:
        made = run.remember(value, shape.new())
        shape.fill(made, _copy_children(run, value, shape))  # type: ignore[misc]
    else:
        children = _copy_children(run, value, shape)
        made = run.known(value)
        if made is None:
            made = run.remember(value, shape.make(children))  # type: ignore[misc]
    if issubclass(type(value), BaseException):
        made.__traceback__ = value.__traceback__
    return made


def _copy_children(run: QuickCopy, value: Any, shape: Shape) -> Any:
    children = shape.flatten(value)
    if _atomic(map(type, children)):
        return list(children)
    run.keep(children)
    copy = _late_child if shape.late else QuickCopy.copy
    return [child if type(child) in ATOMS else copy(run, child) for child in children]


def _late_child(run: QuickCopy, child: Any) -> Any:
    return _copy_hashed(run, child)


def _way(shape: Shape) -> Callable[[QuickCopy, Any, Shape], Any]:
    if shape.slots is not None:
        return _copy_slots if shape.slots else _copy_dict_of
    return _copy_named_tuple if shape.is_tuple else _copy_by_shape


_COPIES: dict[str, Callable[[QuickCopy, Any, Shape], Any]] = {
    "list": _copy_list,
    "tuple": _copy_tuple,
    "dict": _copy_dict,
    "set": _copy_set,
}
