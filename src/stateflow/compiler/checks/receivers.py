"""What is certain of the values in a function, from annotations, creations and loops; enough to tell which entity is reached."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING, Any

from stateflow.compiler.program import unwrap
from stateflow.compiler.trees import walk
from stateflow.compiler.types import UNKNOWN, Kind, Type, entity, join, local, resolve_annotation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.compiler.checks.context import Context, Unit

__all__ = ["Receivers", "member_of"]


class Receivers:
    """The types of the variables and fields that the units use; worked out when first asked for."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._variables: dict[Unit, dict[str, Type]] = {}
        self._fields: dict[type, dict[str, Type]] | None = None

    def of(self, unit: Unit, node: ast.expr) -> Type:
        """Return the type of an expression; `UNKNOWN` when it is not certain."""
        match node:
            case ast.Name(id=name):
                return self.variables(unit).get(name, UNKNOWN)
            case ast.Await(value=value) | ast.NamedExpr(value=value):
                return self.of(unit, value)
            case ast.Attribute(value=value, attr=name):
                owner = self.of(unit, value)
                return self.field(owner.cls, unit.mangled(name)) if owner.cls is not None else UNKNOWN
            case ast.Subscript(value=value, slice=index) if not isinstance(index, ast.Slice):
                container = self.of(unit, value)
                if container.cls is dict and len(container.elements) == 2:
                    return container.elements[1]
                return container.element if container.cls is list else UNKNOWN
            case ast.Call():
                return self._of_call(unit, node)
        return UNKNOWN

    def entity_class(self, unit: Unit, node: ast.expr) -> type | None:
        """Return the class of another entity that an expression certainly is; None otherwise."""
        found = self.of(unit, node)
        return found.cls if found.kind is Kind.ENTITY else None

    def own_class(self, unit: Unit, node: ast.expr) -> type | None:
        """Return the class of a method's own object when an expression is its `self`; None otherwise."""
        is_self = isinstance(node, ast.Name) and node.id == unit.self_name
        return unit.owner if is_self and self.variables(unit).get(node.id) == local(unit.owner) else None  # type: ignore[attr-defined,arg-type]

    def reach(self, unit: Unit, root: ast.AST) -> ast.expr | None:
        """Return the first expression below a node that certainly reaches another entity; None when there is none."""
        found = [n for n in walk(root) if isinstance(n, ast.Attribute | ast.Call) and self.reaches(unit, n)]
        return min(found, key=lambda n: (n.lineno, n.col_offset), default=None)

    def reaches(self, unit: Unit, node: ast.AST) -> bool:
        """Tell whether an expression itself, not one in it, certainly reaches another entity."""
        if isinstance(node, ast.Attribute):
            return self.entity_class(unit, node.value) is not None
        return isinstance(node, ast.Call) and unit.names.value(node.func) in self.context.entity_set

    def field(self, cls: type, name: str) -> Type:
        """Return the type of an attribute of a class's objects."""
        if self._fields is None:
            self._fields = {}
            self._find_fields(self._fields)
        for base in cls.__mro__:
            if name in self._fields.get(base, ()):
                return self._fields[base][name]
        return UNKNOWN

    def variables(self, unit: Unit) -> dict[str, Type]:
        """Return the types of a function's variables, those of functions inside it too."""
        if unit not in self._variables:
            found: dict[str, Type] = {}
            self._variables[unit] = found
            _declare(found, self, unit)
            known = {id(n) for n in _bind(found, self, unit)}
            for node in unit.of(ast.Name):
                if not isinstance(node.ctx, ast.Load) and id(node) not in known:
                    found[node.id] = UNKNOWN
            for node in unit.of(ast.ExceptHandler, ast.MatchAs, ast.MatchStar):
                found[node.name] = UNKNOWN
        return self._variables[unit]

    def annotation(self, unit: Unit, node: ast.expr | None) -> Type:
        """Return the type that an annotation stands for."""
        return resolve_annotation(node, unit.names, self.context.entity_set) if node is not None else UNKNOWN  # type: ignore[arg-type]

    def _of_call(self, unit: Unit, node: ast.Call) -> Type:
        value = unit.names.value(node.func)
        if isinstance(value, type) and value in self.context.entity_set:
            return entity(value)
        if isinstance(value, type) and value.__module__ == "pathlib":
            return local(value)
        if not isinstance(node.func, ast.Attribute):
            return UNKNOWN
        if node.func.attr == "by_key":
            cls = unit.names.value(node.func.value)
            return entity(cls) if isinstance(cls, type) and cls in self.context.entity_set else UNKNOWN
        receiver = self.of(unit, node.func.value)
        if receiver.cls is None:
            return UNKNOWN
        called = [self.context.unit(f) for f, _ in unwrap(member_of(receiver.cls, unit.mangled(node.func.attr)))]
        if len(called) == 1 and called[0] is not None and not called[0].nodes.get(ast.Yield):
            return self.annotation(called[0], called[0].returns)
        return UNKNOWN

    def _find_fields(self, found: dict[type, dict[str, Type]]) -> None:
        for base in {b for c in self.context.classes for b in c.__mro__ if self.context.is_user_class(b)}:
            for name, annotation in inspect.get_annotations(base).items():
                node = ast.Constant(annotation) if isinstance(annotation, str) else ast.Name("T", ast.Load())
                units = (u for u in self.context.units if u.owner is base)
                names: Any = {"T": annotation} if not isinstance(annotation, str) else getattr(next(units, None), "names", {})
                found.setdefault(base, {})[name] = resolve_annotation(node, names, self.context.entity_set)
        stores: dict[tuple[type, str], Type | None] = {}
        for unit in self.context.units:
            if unit.owner is not None:
                for target, kind in self._stores(unit):
                    key = (unit.owner, unit.mangled(target.attr))
                    stores[key] = join(stores.get(key), kind)
        for (cls, name), joined in stores.items():
            found.setdefault(cls, {}).setdefault(name, joined or UNKNOWN)

    def _stores(self, unit: Unit) -> Iterator[tuple[ast.Attribute, Type]]:
        """Yield what a method stores into attributes of its object, with the type where it is certain."""
        known: dict[int, Type] = {}
        for node in unit.of(ast.AnnAssign):
            known[id(node.target)] = self.annotation(unit, node.annotation)
        for node in unit.of(ast.Assign):
            for target in node.targets:
                for part, value in _pairs(target, node.value):
                    if isinstance(value, ast.Name):
                        known[id(part)] = self.variables(unit).get(value.id, UNKNOWN)
        for node in unit.of(ast.Attribute):
            if isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name) and node.value.id == unit.self_name:
                yield node, known.get(id(node), UNKNOWN)


def member_of(cls: type, name: str) -> object:
    """Return what a class holds under a name, without binding it; None when it holds nothing."""
    for base in cls.__mro__:
        if name in base.__dict__:
            return base.__dict__[name]
    return None


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        yield from zip(target.elts, value.elts, strict=True)
    else:
        yield target, value


def _declare(found: dict[str, Type], receivers: Receivers, unit: Unit) -> None:
    """Add what parameters and annotated variables are declared to be."""
    for node in unit.of(ast.arguments):
        for argument in node.posonlyargs + node.args + node.kwonlyargs:
            kind = receivers.annotation(unit, argument.annotation)
            found[argument.arg] = kind if found.get(argument.arg, kind) == kind else UNKNOWN
        for argument in filter(None, (node.vararg, node.kwarg)):
            found[argument.arg] = UNKNOWN
    for node in unit.of(ast.AnnAssign):
        if isinstance(node.target, ast.Name):
            found[node.target.id] = receivers.annotation(unit, node.annotation)
    if unit.self_name is not None and unit.owner is not None and _is_bound_once(unit, unit.self_name):
        found[unit.self_name] = local(unit.owner)


def _is_bound_once(unit: Unit, name: str) -> bool:
    return [a.arg for a in unit.of(ast.arg)].count(name) == 1


def _bind(found: dict[str, Type], receivers: Receivers, unit: Unit) -> list[ast.Name]:
    """Add what assignments and loops bind; return the names whose binding is understood."""
    bindings: list[tuple[ast.Name, Type]] = []
    for node in unit.of(ast.AnnAssign):
        if isinstance(node.target, ast.Name):
            bindings.append((node.target, found[node.target.id]))
    for node in unit.of(ast.NamedExpr):
        bindings.append((node.target, receivers.of(unit, node.value)))
    for node in sorted(unit.of(ast.Assign), key=_line):
        for target in node.targets:
            if isinstance(target, ast.Name):
                kind = receivers.of(unit, node.value)
                bindings.append((target, kind))
                found[target.id] = kind if found.get(target.id, kind) == kind else UNKNOWN
    for node in unit.of(ast.For, ast.comprehension):
        bindings.extend(_loop(receivers, unit, node))
    for name, kind in bindings:
        found[name.id] = kind if found.get(name.id, kind) == kind else UNKNOWN
    return [name for name, _ in bindings]


def _line(node: ast.stmt) -> int:
    return node.lineno


def _loop(receivers: Receivers, unit: Unit, node: Any) -> Iterator[tuple[ast.Name, Type]]:
    iterable, target = node.iter, node.target
    if isinstance(iterable, ast.Call) and isinstance(iterable.func, ast.Attribute) and not iterable.args:
        owner = receivers.of(unit, iterable.func.value)
        if owner.cls is dict and len(owner.elements) == 2:
            if iterable.func.attr == "values" and isinstance(target, ast.Name):
                yield target, owner.elements[1]
            if iterable.func.attr == "items" and isinstance(target, ast.Tuple) and all(isinstance(e, ast.Name) for e in target.elts):
                yield from zip(target.elts, owner.elements, strict=False)
    elif isinstance(target, ast.Name):
        yield target, receivers.of(unit, iterable).element
