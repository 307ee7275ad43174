"""SF315, SF328: entities where only an object at hand will do: generators of theirs, hashes, copies, unpacking by two stars."""

from __future__ import annotations

import ast
import functools
import inspect
from typing import TYPE_CHECKING, Any

from stateflow.compiler.checks.receivers import member_of
from stateflow.compiler.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.compiler.checks.context import Context, Unit
    from stateflow.compiler.checks.receivers import Receivers

__all__ = ["check_local_uses"]

_ITERATING = frozenset(
    f"builtins.{n}" for n in "list tuple set frozenset sorted iter sum min max any all enumerate zip map filter reversed dict".split()
)
_COPYING = frozenset("copy.copy copy.deepcopy copy.replace pickle.dumps pickle.dump marshal.dumps marshal.dump".split())
_WEAK = frozenset("weakref.ref weakref.ReferenceType weakref.proxy weakref.finalize weakref.WeakMethod".split())
_ORDERING = frozenset("heappush heappushpop heapreplace insort insort_left insort_right bisect bisect_left bisect_right".split())
_CACHED: type = type(functools.lru_cache(lambda: None))
_KEYED = frozenset("add discard get setdefault pop remove".split())


def check_local_uses(context: Context, receivers: Receivers) -> None:
    """Look at each expression that is certainly an entity and stands where code beneath the method would need the object itself."""
    for unit in context.units:
        for node in _iterated(unit):
            _check_iterated(context, receivers, unit, node)
        for node in _hashed(receivers, unit):
            cls = receivers.entity_class(unit, node)
            if cls is not None and _defines(context, cls, "__hash__", "__eq__"):
                what = f"uses `{ast.unparse(node)}` as a key, and {cls.__name__} defines its own __hash__ or __eq__"
                fix = "use a part of it as the key, such as its name; without __hash__ and __eq__ of its own an entity is a good key"
                _report(context, unit, node, what, "dict and set would have to call the other entity while they look for the key", fix)
        for node in _unpacked(unit):
            if receivers.entity_class(unit, node) is not None:
                _report(context, unit, node, f"unpacks `{ast.unparse(node)}` by two stars", "Python reads the mapping in native code",
                        "make a dict of it first: dict(entity)")  # fmt: skip
        for call in unit.of(ast.Call):
            _check_argument(context, receivers, unit, call)
            _check_cached(context, receivers, unit, call)


def _report(context: Context, unit: Unit, node: ast.expr, what: str, why: str, fix: str) -> None:
    context.report("SF328", unit, node, f"`{unit.name}` {what}", why=why, fix=fix)


def _iterated(unit: Unit) -> Iterator[ast.expr]:
    for node in unit.of(ast.For, ast.comprehension):
        yield node.iter
    for node in unit.of(ast.Starred):
        if isinstance(node.ctx, ast.Load):
            yield node.value
    for node in unit.of(ast.YieldFrom):
        yield node.value
    for node in unit.of(ast.Assign):
        if any(isinstance(t, ast.Tuple | ast.List) for t in node.targets):
            yield node.value
    for node in unit.of(ast.Call):
        if unit.names.canonical(node.func) in _ITERATING:
            yield from node.args


def _check_iterated(context: Context, receivers: Receivers, unit: Unit, node: ast.expr) -> None:
    cls = receivers.entity_class(unit, node)
    member: Any = member_of(cls, "__iter__") if cls is not None else None
    if cls is not None and inspect.isgeneratorfunction(member):
        context.report(
            "SF315",
            unit,
            node,
            f"`{unit.name}` iterates over `{ast.unparse(node)}`, and `{cls.__name__}.__iter__` is a generator",
            why="what passes between two entities is a value; a generator that is under way is none",
            fix=f"let {cls.__name__}.__iter__ return iter(...) of a list, or call a method that returns a list",
        )


def _hashed(receivers: Receivers, unit: Unit) -> Iterator[ast.expr]:
    for node in unit.of(ast.Dict):
        yield from filter(None, node.keys)
    for node in unit.of(ast.Set):
        yield from node.elts
    for node in unit.of(ast.DictComp):
        yield node.key
    for node in unit.of(ast.SetComp):
        yield node.elt
    for node in unit.of(ast.Subscript):
        if _is_keyed(receivers, unit, node.value):
            yield node.slice
    for node in unit.of(ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in _KEYED and _is_keyed(receivers, unit, node.func.value):
            yield from node.args[:1]


def _is_keyed(receivers: Receivers, unit: Unit, node: ast.expr) -> bool:
    found = receivers.of(unit, node)
    return found.kind is Kind.LOCAL and found.cls in (dict, set)


def _unpacked(unit: Unit) -> Iterator[ast.expr]:
    for node in unit.of(ast.Dict):
        yield from (value for key, value in zip(node.keys, node.values, strict=True) if key is None)
    for node in unit.of(ast.Call):
        yield from (keyword.value for keyword in node.keywords if keyword.arg is None)


def _check_argument(context: Context, receivers: Receivers, unit: Unit, call: ast.Call) -> None:
    name = unit.names.canonical(call.func) or ""
    if not call.args:
        return
    first = call.args[0]
    cls = receivers.entity_class(unit, first)
    is_own = receivers.own_class(unit, first) in context.entity_set
    if name in _COPYING and (cls is not None or is_own):
        _report(context, unit, first, f"gives `{ast.unparse(first)}` to `{ast.unparse(call.func)}`",
                "a copy would look like the entity and be none: an entity is addressed by class and key, and there is one of it",
                "create an entity with another key; or copy its attributes: dict(vars(entity))")  # fmt: skip
    elif name in _WEAK and cls is not None:
        _report(context, unit, first, f"gives `{ast.unparse(first)}` to `{ast.unparse(call.func)}`",
                "it would follow the reference, which comes and goes, not the entity",
                "keep the entity itself: that keeps its key")  # fmt: skip
    elif name.partition(".")[0] in ("heapq", "bisect") and name.partition(".")[2] in _ORDERING and len(call.args) > 1:
        other = receivers.entity_class(unit, call.args[1])
        if other is not None and _defines(context, other, "__lt__", "__gt__"):
            _report(context, unit, call.args[1], f"gives `{ast.unparse(call.args[1])}` to `{ast.unparse(call.func)}`",
                    f"it would call {other.__name__}.__lt__ from library code, which cannot wait for another entity",
                    "keep pairs of a value to order by and the entity's key; or use sorted, min and max, which can wait")  # fmt: skip


def _check_cached(context: Context, receivers: Receivers, unit: Unit, call: ast.Call) -> None:
    """Refuse an entity as an argument of a function of the module that `functools.lru_cache` keeps the answers of."""
    if not isinstance(unit.names.value(call.func), _CACHED):
        return
    for argument in [*call.args, *[k.value for k in call.keywords]]:
        if receivers.entity_class(unit, argument) is not None:
            _report(context, unit, argument, f"gives `{ast.unparse(argument)}` to `{ast.unparse(call.func)}`, which keeps its answers",
                    "the cache belongs to the process and does not know the state of the entity; it calls the function from library code",
                    "give the function what it needs of the entity, or leave out the cache")  # fmt: skip


def _defines(context: Context, cls: type, *names: str) -> bool:
    return any(context.unit(member_of(cls, name)) is not None for name in names)
