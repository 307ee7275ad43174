"""Which changes of a function reach an object that it was given, or that the module holds, also under another name.

The statements are followed in their order, with what each variable may stand for; where two ways meet, it may stand for both.
"""

from __future__ import annotations

import ast
import collections
from typing import TYPE_CHECKING, Any

import msgspec

from stateflow.compiler.checks.members import CHANGING
from stateflow.compiler.checks.names import MISSING
from stateflow.compiler.checks.origins import (
    CONTAINERS,
    NOWHERE,
    Origin,
    Origins,
    attribute,
    captured,
    class_container,
    is_iterator,
    is_shared,
    parts,
)
from stateflow.compiler.checks.receivers import member_of
from stateflow.compiler.program import unwrap
from stateflow.compiler.trees import children

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.compiler.checks.context import Context, Unit

__all__ = ["Change", "Sharing"]

_PART = frozenset("get setdefault pop popitem popleft __getitem__".split())
_WHOLE = frozenset("values items keys __iter__".split())
_ITERATING = frozenset("builtins.iter builtins.reversed builtins.enumerate builtins.zip".split())
_CHANGE_FIRST = frozenset(
    "heapq.heappush heapq.heappop heapq.heapify heapq.heapreplace heapq.heappushpop bisect.insort bisect.insort_left bisect.insort_right "
    "random.shuffle operator.setitem operator.delitem operator.iadd operator.ior builtins.setattr builtins.delattr".split()
)
_CONSUMING = frozenset(
    f"builtins.{name}" for name in "next list tuple set frozenset dict sorted min max sum any all enumerate zip map filter".split()
)
_LEAVING = (ast.Return, ast.Raise, ast.Break, ast.Continue)
Env = dict[str, Origins]


class Change(msgspec.Struct, frozen=True):
    """A change of what a value may be: where, what the text there calls it, and what it may be. `is_kept` means: kept in an attribute."""

    node: Any
    text: str
    origins: Origins
    is_kept: bool = False


class Sharing:
    """The changes that the functions make; each function is followed once, when it is first asked for."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._changes: dict[Unit, tuple[Change, ...]] = {}
        self.returned: dict[Unit, Origins] = {}

    def changes(self, unit: Unit) -> tuple[Change, ...]:
        """Return the changes that a function makes, by itself or by the functions that it calls."""
        if unit not in self._changes:
            # What a function that calls itself does, it does without that call too.
            self._changes[unit] = ()
            flow = _Flow(self, unit)
            flow.run()
            self._changes[unit] = tuple(flow.found)
            self.returned[unit] = flow.returned
        return self._changes[unit]

    def changed_parameters(self, unit: Unit) -> frozenset[str]:
        """Return the parameters whose objects a function changes."""
        return frozenset(o.parameter for c in self.changes(unit) if not c.is_kept for o in c.origins if o.parameter)


class _Flow:
    """Follows one function."""

    def __init__(self, sharing: Sharing, unit: Unit) -> None:
        self.sharing = sharing
        self.context = sharing.context
        self.unit = unit
        self.found: list[Change] = []
        self.returned: Origins = NOWHERE
        self.env: Env = {}
        self._seen: set[tuple[int, Origins]] = set()

    def run(self) -> None:
        arguments = self.unit.node.args
        for argument in arguments.posonlyargs + arguments.args + arguments.kwonlyargs:
            self.env[argument.arg] = frozenset({Origin(argument.arg, parameter=argument.arg)})
        self.env.update((name, frozenset({origin})) for name, origin in captured(self.context, self.unit))
        if isinstance(self.unit.node, ast.Lambda):
            self.returned = self.value(self.unit.node.body)
        else:
            self.block(self.unit.node.body)

    def block(self, statements: list[ast.stmt]) -> bool:
        """Follow statements; return whether their end is reached."""
        return all(map(self.statement, statements))

    def statement(self, node: Any) -> bool:
        match node:
            case ast.If():
                self.value(node.test)
                return self._ways([node.body, node.orelse])
            case ast.For() | ast.AsyncFor():
                self._bind_element(node)
                return self._loop(node)
            case ast.While():
                self.value(node.test)
                return self._loop(node)
            case ast.Try() | ast.TryStar():
                return self._try(node)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    origins = self.value(item.context_expr)
                    if item.optional_vars is not None:
                        self._bind(item.optional_vars, origins, None)
                return self.block(node.body)
            case ast.Match():
                self.value(node.subject)
                return self._ways([*[c.body for c in node.cases], []])
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, node.body)
            case ast.ClassDef():
                pass
            case _:
                self._simple(node)
        return not isinstance(node, _LEAVING)

    def _simple(self, node: Any) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                origins = self.value(value)
                for target in targets:
                    self._bind(target, origins, value)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                self._bind(target, self.value(value), value)
            case ast.AugAssign(target=target, value=value):
                self.value(value)
                origins = self.value(_loaded(target))
                self._note(node, target, [o for o in origins if o.parameter or isinstance(o.value, CONTAINERS)])
                if not isinstance(target, ast.Name):
                    self._bind(target, NOWHERE, None)
            case ast.Return(value=value) if value is not None:
                self.returned |= self.value(value)
            case ast.Delete(targets=targets):
                for target in targets:
                    self._bind(target, NOWHERE, None)
            case _:
                for child in children(node):
                    if isinstance(child, ast.expr):
                        self.value(child)

    def _ways(self, ways: list[list[ast.stmt]]) -> bool:
        before, after = self.env, []
        for way in ways:
            self.env = dict(before)
            if self.block(way):
                after.append(self.env)
        self.env = _joined(after) if after else before
        return bool(after)

    def _loop(self, node: Any) -> bool:
        for _ in range(2):
            before = dict(self.env)
            self.block(node.body)
            self.env = _joined([before, self.env])
        return self.block(node.orelse) or bool(node.orelse)

    def _try(self, node: Any) -> bool:
        before = dict(self.env)
        ends = [self.block([*node.body, *node.orelse])]
        between, after = _joined([before, self.env]), [self.env]
        for handler in node.handlers:
            self.env = dict(between)
            ends.append(self.block(handler.body))
            after.append(self.env)
        self.env = _joined(after)
        return self.block(node.finalbody) and any(ends)

    def _function(self, node: Any, body: list[ast.stmt]) -> None:
        outer, returned = dict(self.env), self.returned
        self.env.update(dict.fromkeys((a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)), NOWHERE))
        self.block(body)
        self.env, self.returned = outer, returned

    def _bind(self, target: Any, origins: Origins, value: ast.expr | None) -> None:
        match target:
            case ast.Name(id=name):
                self.env[name] = origins
            case ast.Starred(value=inner):
                self._bind(inner, NOWHERE, None)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                values = value.elts if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(targets) else None
                for number, part in enumerate(targets):
                    if values is not None:
                        self._bind(part, self.value(values[number]), values[number])
                    else:
                        self._bind(part, parts(self.context, origins), None)
            case ast.Subscript():
                self._note(target, target.value, self.value(target.value))
                self.value(target.slice)
            case ast.Attribute():
                self._assign_attribute(target, origins, value)

    def _bind_element(self, node: Any) -> None:
        """Bind the target of a loop to what the elements may be; those of items(), enumerate() and zip() are pairs of elements."""
        origins = self.value(node.iter)
        self._note(node.iter, node.iter, [o for o in origins if is_iterator(o.value)])
        found = parts(self.context, origins)
        is_pair = isinstance(node.target, ast.Tuple) and isinstance(node.iter, ast.Call)
        for target in node.target.elts if is_pair else [node.target]:
            self._bind(target, found, None)

    def _assign_attribute(self, target: ast.Attribute, origins: Origins, value: ast.expr | None) -> None:
        owners = self.value(target.value)
        if self.unit.names.value(target.value) is MISSING:
            self._note(target, target.value, owners)
        held = frozenset(o for o in origins if not o.parameter and (isinstance(o.value, CONTAINERS) or getattr(o.value, "__dict__", None)))
        if held and value is not None and any(o.parameter for o in owners):
            self.found.append(Change(target, ast.unparse(target), held, is_kept=True))

    def _note(self, node: Any, changed: Any, origins: Any) -> None:
        found = frozenset(origins)
        if found and (id(node), found) not in self._seen:
            self._seen.add((id(node), found))
            self.found.append(Change(node, ast.unparse(changed), found))

    # What an expression may be; visiting it notes the changes in it.

    def value(self, node: Any) -> Origins:
        match node:
            case ast.Name(id=name):
                return self.env[name] if name in self.env else self._held(node)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Subscript(value=value, slice=index):
                origins = self.value(value)
                self.value(index)
                # A missing key is put into a defaultdict when it is read.
                self._note(node, value, [o for o in origins if isinstance(o.value, collections.defaultdict)])
                return NOWHERE if isinstance(index, ast.Slice) else parts(self.context, origins)
            case ast.Call():
                return self._call(node)
            case ast.NamedExpr(target=target, value=value):
                origins = self.value(value)
                self._bind(target, origins, value)
                return origins
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.value(test)
                return self.value(body) | self.value(orelse)
            case ast.BoolOp(values=values):
                return NOWHERE.union(*map(self.value, values))
            case ast.Await(value=value):
                return self.value(value)
            case ast.Lambda(body=body):
                self._function(node, [ast.Expr(body)])
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                self._comprehension(node)
            case _:
                for child in children(node):
                    self.value(child)
        return NOWHERE

    def _held(self, node: Any) -> Origins:
        value = self.unit.names.value(node)
        if value is MISSING or not is_shared(self.context, value):
            return NOWHERE
        owner = self.unit.names.value(node.value) if isinstance(node, ast.Attribute) else None
        of = "shared by all objects" if isinstance(owner, type) else "of the module"
        return frozenset({Origin(ast.unparse(node), value, of)})

    def _attribute(self, node: ast.Attribute) -> Origins:
        own = class_container(self.context, self.unit, node)
        origins = frozenset({own}) if own is not None else self._held(node)
        if not origins:
            owners = self.value(node.value)
            origins = attribute(self.context, owners, self.unit.mangled(node.attr))
            if node.attr in CHANGING:
                self._note(node, node.value, [o for o in owners if o.parameter or isinstance(o.value, CONTAINERS)])
        return origins

    def _comprehension(self, node: Any) -> None:
        outer = dict(self.env)
        for clause in node.generators:
            self._bind_element(clause)
            for test in clause.ifs:
                self.value(test)
        for part in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self.value(part)
        self.env = outer

    def _call(self, node: ast.Call) -> Origins:
        owners = self.value(node.func.value) if isinstance(node.func, ast.Attribute) else NOWHERE
        self.value(node.func)
        given = [self.value(a.value if isinstance(a, ast.Starred) else a) for a in node.args]
        named = {k.arg: self.value(k.value) for k in node.keywords}
        name = self.unit.names.canonical(node.func) or ""
        if given and name in _CHANGE_FIRST:
            self._note(node, node.args[0], given[0])
        for argument, origins in zip(node.args, given, strict=True) if name in _CONSUMING else ():
            self._note(node, argument, [o for o in origins if is_iterator(o.value) or (o.parameter and name == "builtins.next")])
        returned: set[Origin] = set()
        for unit, first in self._called(node, owners):
            positions = [a.arg for a in unit.node.args.posonlyargs + unit.node.args.args]
            bound = dict(zip(positions, [*first, *given], strict=False)) | {n: o for n, o in named.items() if n is not None}
            changed = self.sharing.changed_parameters(unit)
            for parameter, origins in bound.items():
                if parameter in changed:
                    self._note(node, _argument(node, parameter, positions, first), origins)
            for origin in self.sharing.returned.get(unit, NOWHERE):
                returned |= bound.get(origin.parameter, NOWHERE) if origin.parameter else {origin}
        if name in _ITERATING:
            return NOWHERE.union(*given)
        if isinstance(node.func, ast.Attribute) and node.func.attr in _PART:
            return parts(self.context, owners) | returned
        if isinstance(node.func, ast.Attribute) and node.func.attr in _WHOLE:
            return owners | returned
        return frozenset(returned)

    def _called(self, node: ast.Call, owners: Origins) -> Iterator[tuple[Unit, list[Origins]]]:
        """Yield the functions of the user that a call may run, with what their first parameter is when it is bound."""
        unit = self.context.unit(self.unit.names.value(node.func))
        if unit is not None:
            yield unit, []
        if not isinstance(node.func, ast.Attribute):
            return
        name = self.unit.mangled(node.func.attr)
        for origin in owners:
            cls = type(origin.value) if not origin.parameter else self.unit.owner if origin.parameter == self.unit.self_name else None
            for function, flags in unwrap(member_of(cls, name)) if cls is not None else ():
                method = self.context.unit(function)
                if method is not None and not flags:
                    yield method, [frozenset({origin})]


def _argument(node: ast.Call, parameter: str, positions: list[str], first: list[Origins]) -> ast.expr:
    """Return the expression that a call gives a parameter."""
    number = positions.index(parameter) - len(first) if parameter in positions else -1
    if number < 0:
        named = next((k.value for k in node.keywords if k.arg == parameter), None)
        return named or node.func.value  # type: ignore[attr-defined]
    return node.args[number] if number < len(node.args) else next(k.value for k in node.keywords if k.arg == parameter)


def _loaded(target: Any) -> Any:
    return ast.Name(target.id, ast.Load()) if isinstance(target, ast.Name) else target


def _joined(envs: list[Env]) -> Env:
    found: Env = {}
    for env in envs:
        for name, origins in env.items():
            found[name] = found.get(name, NOWHERE) | origins
    return found
