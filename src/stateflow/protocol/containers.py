"""Shapes of the builtin containers and of those of `collections`."""

from __future__ import annotations

import array
import gc
import sys
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque
from itertools import chain
from types import CellType, MappingProxyType, SimpleNamespace
from typing import Any

from stateflow.protocol.shapes import Shape, field_names

__all__ = ["CONTAINER_SHAPES", "dict_children", "fill_dict", "fill_set", "item_names", "mapping_of"]


def dict_children(value: dict[Any, Any]) -> list[Any]:
    """Return the keys and values of a dict, or of an object of a subclass, in turn."""
    if isinstance(value, OrderedDict):
        return list(chain.from_iterable(OrderedDict.items(value)))
    return list(chain.from_iterable(dict.items(value)))


def fill_dict(value: dict[Any, Any], children: Any) -> None:
    """Set the items that `dict_children` gave, without calling methods of a subclass."""
    if len(children) % 2:
        raise ValueError("a dict has as many keys as values")
    items = zip(children[::2], children[1::2], strict=True)
    if isinstance(value, OrderedDict):
        for key, item in items:
            OrderedDict.__setitem__(value, key, item)
    else:
        dict.update(value, items)
    if 2 * len(value) != len(children):
        raise ValueError("a dict has a key twice")


def item_names(value: dict[Any, Any]) -> list[str]:
    """Return how the paths of keys and values are printed."""
    return [printed for key in value for printed in (f" key {_short(key)}", f"[{_short(key)}]")]


def _short(key: object) -> str:
    if type(key) in (str, int, bool, float, bytes):
        return repr(key)[:60]
    return f"<{type(key).__qualname__}>"


def fill_set(value: set[Any], children: Any) -> None:
    """Add the elements so that the set iterates in their order, where a known history of insertions gives that order."""
    set.update(value, children)
    if len(value) != len(children):
        raise ValueError("a set has an element twice")
    if not _is_in_order(value, children):
        _reorder(value, children)


def _is_in_order(value: Any, children: Any) -> bool:
    return all(map(lambda a, b: a is b, value, children))


def _reorder(value: set[Any], children: Any) -> None:
    # A set that once was larger has a larger table; one with collisions depends on what came first.
    for order in (children, children[::-1]):
        value.clear()
        value.update(order)
        for _ in range(4):
            if _is_in_order(value, children):
                return
            _widen(value)
        if _is_in_order(value, children):
            return
    value.clear()
    value.update(children)


def _widen(value: set[Any]) -> None:
    """Let the table of a set grow once, by elements that leave again."""
    size = sys.getsizeof(value)
    fillers: list[object] = []
    while sys.getsizeof(value) == size:
        filler = object()
        fillers.append(filler)
        value.add(filler)
    value.difference_update(fillers)


def _make_frozenset(children: Any) -> frozenset[Any]:
    elements: set[Any] = set()
    fill_set(elements, children)
    made = frozenset(elements)
    return made if _is_in_order(made, children) else frozenset(children)


def _fill_bytearray(value: bytearray, children: Any) -> None:
    (raw,) = children
    if type(raw) is not bytes:
        raise TypeError("a bytearray is written as bytes")
    value.extend(raw)


def _make_array(children: Any) -> Any:
    code, raw = children
    made = array.array(code)
    made.frombytes(raw)
    return made


def _fill_defaultdict(value: defaultdict[Any, Any], children: Any) -> None:
    value.default_factory = children[0]
    fill_dict(value, children[1:])


def _fill_deque(value: deque[Any], children: Any) -> None:
    deque.__init__(value, children[1:], children[0])


def _make_slice(children: Any) -> slice:
    start, stop, step = children
    return slice(start, stop, step)


def _cell_children(cell: CellType) -> tuple[Any, ...]:
    try:
        return (cell.cell_contents,)
    except ValueError:
        return ()


def _fill_cell(cell: CellType, children: Any) -> None:
    if children:
        (cell.cell_contents,) = children


def _fill_namespace(value: SimpleNamespace, children: Any) -> None:
    fill_dict(value.__dict__, children)


def _fill_chainmap(value: ChainMap[Any, Any], children: Any) -> None:
    (value.maps,) = children


def mapping_of(proxy: MappingProxyType[Any, Any]) -> Any:
    """Return the very mapping that a proxy shows."""
    # A proxy's own operators copy; only the collector knows it.
    (mapping,) = gc.get_referents(proxy)
    return mapping


def _make_proxy(children: Any) -> MappingProxyType[Any, Any]:
    (mapping,) = children
    return MappingProxyType(mapping)


def _namespace_names(value: SimpleNamespace) -> list[str]:
    return [printed for key in value.__dict__ for printed in (f" attribute name {key!r}", f".{key}")]


CONTAINER_SHAPES: dict[type, Shape] = {
    list: Shape("list", lambda v: v, new=list, fill=list.extend, deep=True),
    tuple: Shape("tuple", lambda v: v, tuple),
    dict: Shape("dict", dict_children, new=dict, fill=fill_dict, names=item_names, late=True, deep=True),
    set: Shape("set", list, new=set, fill=fill_set, late=True, deep=True),
    frozenset: Shape("frozenset", list, _make_frozenset, late=True),
    bytearray: Shape("bytearray", lambda v: (bytes(v),), new=bytearray, fill=_fill_bytearray),
    array.array: Shape("array", lambda v: (v.typecode, v.tobytes()), _make_array),
    slice: Shape("slice", lambda v: (v.start, v.stop, v.step), _make_slice, names=field_names("start", "stop", "step")),
    CellType: Shape("cell", _cell_children, new=CellType, fill=_fill_cell, names=field_names("cell_contents")),
    deque: Shape(
        "deque",
        lambda v: (v.maxlen, *v),
        new=deque,
        fill=_fill_deque,
        names=lambda v: [".maxlen", *(f"[{i}]" for i in range(len(v)))],
    ),
    OrderedDict: Shape("ordereddict", dict_children, new=OrderedDict, fill=fill_dict, names=item_names, late=True),
    Counter: Shape("counter", dict_children, new=Counter, fill=fill_dict, names=item_names, late=True),
    defaultdict: Shape(
        "defaultdict",
        lambda v: [v.default_factory, *dict_children(v)],
        new=defaultdict,
        fill=_fill_defaultdict,
        names=lambda v: [".default_factory", *item_names(v)],
        late=True,
    ),
    ChainMap: Shape("chainmap", lambda v: (v.maps,), new=ChainMap, fill=_fill_chainmap, names=field_names("maps")),
    SimpleNamespace: Shape(
        "namespace",
        lambda v: dict_children(v.__dict__),
        new=SimpleNamespace,
        fill=_fill_namespace,
        names=_namespace_names,
    ),
    MappingProxyType: Shape("mappingproxy", lambda v: (mapping_of(v),), _make_proxy, names=field_names("mapping")),
}
