"""SF203, SF204, SF208, SF209, SF315, SF325, SF406, SF412, SF413: what a method asks of another entity, or of its own object."""

from __future__ import annotations

import ast
import difflib
import inspect
import types
from typing import TYPE_CHECKING, Any

from stateflow.compiler.checks.classes import place
from stateflow.compiler.checks.receivers import member_of
from stateflow.compiler.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stateflow.compiler.checks.context import Context, Unit
    from stateflow.compiler.checks.receivers import Receivers

__all__ = ["check_members", "nearest"]

CHANGING = frozenset(
    "append extend insert remove pop clear sort reverse add discard update setdefault popitem appendleft popleft extendleft".split()
)
_IMMUTABLE_RESULTS = (int, float, bool, str, bytes, complex, type(None), tuple, frozenset, list, dict, set)
_OBJECT = frozenset(dir(object)) | {"__dict__", "__annotations__", "__slots__", "__weakref__", "by_key"}


class _Members:
    """The attributes and methods that the objects of each class may have."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.stored: dict[type, set[str]] = {}
        self.elsewhere: set[str] = set()
        self.is_open = False
        for unit in context.units:
            self._note_stores(unit)
        self._known: dict[type, frozenset[str] | None] = {}

    def known(self, cls: type) -> frozenset[str] | None:
        """Return all attribute names of a class and of those derived from it; None when it may have any."""
        if cls not in self._known:
            self._known[cls] = self._find(cls)
        return self._known[cls]

    def methods(self, cls: type) -> list[str]:
        """Return the methods that callers may use, in the order of their definition."""
        names: dict[str, None] = {}
        for base in cls.__mro__:
            if self.context.is_user_class(base):
                names.update((n, None) for n, m in base.__dict__.items() if not n.startswith("_") and n != "by_key" and _is_method(m))
        return list(names)

    def attributes(self, cls: type) -> list[str]:
        """Return the attributes that callers may use."""
        methods = set(self.methods(cls))
        return sorted(n for n in self.known(cls) or () if n not in methods and not n.startswith("_") and n not in _OBJECT)

    def _find(self, cls: type) -> frozenset[str] | None:
        found = set(_OBJECT) | self.elsewhere
        for member in self.context.family(cls):
            # `object` has a `__getattribute__` too; only the user's makes names appear.
            for base in member.__mro__[:-1]:
                if "__getattr__" in base.__dict__ or "__getattribute__" in base.__dict__ or not self._is_transparent(base):
                    return None
                found.update(base.__dict__)
                found.update(inspect.get_annotations(base))
                found |= self.stored.get(base, set())
        return None if self.is_open else frozenset(found)

    def _is_transparent(self, base: type) -> bool:
        return base is object or base.__module__ in ("abc", "typing") or self.context.is_user_class(base)

    def _note_stores(self, unit: Unit) -> None:
        for node in unit.of(ast.Attribute):
            if not isinstance(node.ctx, ast.Load):
                is_own = isinstance(node.value, ast.Name) and node.value.id == unit.first and unit.owner is not None
                self.stored.setdefault(unit.owner, set()).add(unit.mangled(node.attr)) if is_own else self.elsewhere.add(node.attr)  # type: ignore[arg-type]
            elif node.attr in ("__dict__", "__setattr__"):
                self.is_open = True
        for node in unit.of(ast.Name):
            if node.id in ("setattr", "vars") and node.id not in unit.names.variables:
                self.is_open = True


def _is_method(member: object) -> bool:
    return isinstance(member, types.FunctionType | staticmethod | classmethod)


def check_members(context: Context, receivers: Receivers) -> None:
    """Check each attribute of a value whose class is certain."""
    members = _Members(context)
    bases = context.entity_bases()
    for unit in context.units:
        called = {id(n.func): n for n in unit.of(ast.Call)}
        awaited = {id(n.value) for n in unit.of(ast.Await)}
        for node in unit.of(ast.Attribute):
            cls = receivers.entity_class(unit, node.value)
            own = receivers.own_class(unit, node.value) if cls is None else None
            target = cls or own
            if target is None or (own is not None and own not in bases):
                continue
            call = called.get(id(node))
            known = members.known(target)
            name = unit.mangled(node.attr)
            if known is not None and name not in known and not _is_guarded(unit, node):
                _report_missing(context, members, unit, node, target, call, is_own=own is not None)
            elif cls is not None:
                _check_use(context, unit, node, cls, call, is_awaited=call is not None and id(call) in awaited)
        _check_copies(context, receivers, unit)


def _is_guarded(unit: Unit, node: ast.Attribute) -> bool:
    """Tell whether the code is prepared for a missing attribute: a test by hasattr, or a handler."""
    if any(isinstance(n.value, str) and n.value == node.attr for n in unit.of(ast.Constant)):
        return True
    if not isinstance(node.ctx, ast.Load):
        return isinstance(node.ctx, ast.Store)
    names = ("AttributeError", "Exception", "BaseException")
    for handler in unit.of(ast.ExceptHandler):
        caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        if any(c is None or (isinstance(c, ast.Name) and c.id in names) for c in caught):
            return True
    return False


def _report_missing(
    context: Context, members: _Members, unit: Unit, node: ast.Attribute, cls: type, call: ast.Call | None, *, is_own: bool
) -> None:
    if call is None:
        _report_attribute(context, members, unit, node, cls, is_own=is_own)
        return
    methods = members.methods(cls)
    near = nearest(node.attr, methods)
    context.report_name(
        "SF203",
        unit,
        node,
        f"`{unit.name}` calls `{cls.__name__}.{node.attr}`, which {cls.__name__} does not define",
        why=f"{_origin(unit, node.value, cls, is_own=is_own)}; {_listed('its methods are', methods, 'it has no methods')}",
        fix=f"define {cls.__name__}.{node.attr}" + (f", or call {near}" if near else ""),
    )


def _report_attribute(context: Context, members: _Members, unit: Unit, node: ast.Attribute, cls: type, *, is_own: bool) -> None:
    attributes = members.attributes(cls)
    near = nearest(node.attr, [*attributes, *members.methods(cls)])
    other = f", or read {near}" if near else ""
    why = f"{_origin(unit, node.value, cls, is_own=is_own)}; {_listed('its attributes are', attributes, 'it has no attributes')}"
    if is_own:
        message = f"`{unit.name}` reads `self.{node.attr}`, which nothing sets"
        context.report_name("SF406", unit, node, message, why=why, fix=f"set self.{node.attr} in __init__{other}")
    else:
        message = f"`{unit.name}` reads `{cls.__name__}.{node.attr}`, which {cls.__name__} does not have"
        context.report_name("SF204", unit, node, message, why=why, fix=f"set self.{node.attr} in {cls.__name__}.__init__{other}")


def _origin(unit: Unit, node: ast.expr, cls: type, *, is_own: bool) -> str:
    text = ast.unparse(node)
    if is_own:
        return f"{text} is of class {cls.__name__} ({place(cls)})"
    annotated = isinstance(node, ast.Name) and any(a.arg == node.id and a.annotation is not None for a in unit.of(ast.arg))
    return f"{text} is {'annotated as' if annotated else 'of class'} {cls.__name__} ({place(cls)})"


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name that is most like another; None when none is like it."""
    return next(iter(difflib.get_close_matches(name, list(names), n=1)), None)


def _listed(before: str, names: list[str], none: str) -> str:
    return f"{before} {', '.join(names)}" if names else none


def _check_use(context: Context, unit: Unit, node: ast.Attribute, cls: type, call: ast.Call | None, *, is_awaited: bool) -> None:
    member: Any = member_of(cls, unit.mangled(node.attr))
    if isinstance(member, property) and member.fset is None and isinstance(node.ctx, ast.Store):
        context.report_name(
            "SF208",
            unit,
            node,
            f"`{unit.name}` assigns `{cls.__name__}.{node.attr}`, a property without a setter",
            why="the assignment would raise AttributeError",
            fix=f"define @{node.attr}.setter, or call a method that changes what the property is made of",
        )
    if call is None or not isinstance(member, types.FunctionType):
        return
    if inspect.isgeneratorfunction(member):
        context.report_name(
            "SF315",
            unit,
            node,
            f"`{unit.name}` calls `{cls.__name__}.{node.attr}`, a generator, on another entity",
            why="what passes between two entities is a value; a generator that is under way is none",
            fix=f"let {cls.__name__}.{node.attr} return a list, or call it by another method of {cls.__name__}",
        )
    _check_await(context, unit, node, cls, member, call, is_awaited=is_awaited)


def _check_await(context: Context, unit: Unit, node: ast.Attribute, cls: type, member: Any, call: ast.Call, *, is_awaited: bool) -> None:
    target = context.unit(member)
    result: Any = unit.names.get(target.returns.id) if target is not None and isinstance(target.returns, ast.Name) else None
    name = f"{cls.__name__}.{node.attr}"
    is_async = inspect.iscoroutinefunction(member)
    if is_awaited and not is_async and result in _IMMUTABLE_RESULTS:
        context.report_name(
            "SF209",
            unit,
            node,
            f"`{unit.name}` awaits `{name}`, which is not asynchronous",
            why=f"the call answers {result.__name__}, which cannot be awaited",
            fix=f"leave out await, or write `async def {node.attr}`",
        )
    if is_async and any(n.value is call for n in unit.of(ast.Expr)):
        context.report(
            "SF413",
            unit,
            call,
            f"`{unit.name}` calls `{name}`, which is asynchronous, and does not await it",
            why="without await the method does not run",
            fix=f"write `await {ast.unparse(call)}`",
        )


def _check_copies(context: Context, receivers: Receivers, unit: Unit) -> None:
    for node, read in _changes(unit):
        cls = receivers.entity_class(unit, _owner(unit, read))
        if cls is not None and receivers.of(unit, read).kind is not Kind.ENTITY:
            what = f"{cls.__name__}.{read.attr}" if isinstance(read, ast.Attribute) else f"the attributes of {cls.__name__}"
            context.report(
                "SF412",
                unit,
                node,
                f"`{unit.name}` changes a copy of `{what}`",
                why="reading an attribute of another entity passes a value; the entity keeps its own",
                fix=f"give {cls.__name__} a method that does it, and call that",
            )
    for call in unit.of(ast.Call):
        _check_future(context, receivers, unit, call)


def _changes(unit: Unit) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield what changes a value and keeps nothing of it, with the expression that reads the value."""
    for node in unit.of(ast.Expr):
        call = node.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in CHANGING:
            yield call, call.func.value
    for item in unit.of(ast.Subscript):
        if not isinstance(item.ctx, ast.Load):
            yield item, item.value


def _owner(unit: Unit, read: ast.expr) -> ast.expr:
    """Return whose attribute an expression reads; vars(entity) reads all of them. Return None as a constant where it reads none."""
    if isinstance(read, ast.Call) and read.args and unit.names.canonical(read.func) == "builtins.vars":
        return read.args[0]
    return read.value if isinstance(read, ast.Attribute) else ast.Constant(None)


def _check_future(context: Context, receivers: Receivers, unit: Unit, call: ast.Call) -> None:
    function: Any = call.func
    is_get = isinstance(function, ast.Attribute) and function.attr == "get" and not call.args and isinstance(function.value, ast.Call)
    if not is_get:
        return
    inner: Any = function.value
    cls = receivers.entity_class(unit, inner.func.value) if isinstance(inner.func, ast.Attribute) else None
    member: Any = member_of(cls, inner.func.attr) if cls is not None else None
    creates = unit.names.value(inner.func)
    is_creation = isinstance(creates, type) and creates in context.entity_set and not hasattr(creates, "get")
    if is_creation or (isinstance(member, types.FunctionType) and _has_no_get(context, member)):
        context.report_name(
            "SF325",
            unit,
            function,
            f"`{unit.name}` waits for `{ast.unparse(inner)}` as if it were a future",
            why="inside a method a call of another entity is an ordinary call; only clients get futures",
            fix="leave out .get()",
        )


def _has_no_get(context: Context, member: types.FunctionType) -> bool:
    unit = context.unit(member)
    returns = unit.returns if unit is not None else None
    return unit is not None and isinstance(returns, ast.Name) and unit.names.get(returns.id) in (int, str, float, bool, list, bytes)
