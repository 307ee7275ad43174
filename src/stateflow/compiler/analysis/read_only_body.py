"""Look through one function for the first thing that may change an entity, in the order of its source.

The function's variables are looked at without regard to the order in which they are bound: each stands for all that is ever bound to it,
also in the functions inside, which are looked at in place. Whatever is put into a container that was made here is held by `stored`, and
every container may hold it.
"""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import msgspec

from stateflow.compiler.analysis import dunders
from stateflow.compiler.analysis.inference import Inference, ModuleNames
from stateflow.compiler.analysis.origins import ATOM, STATE, Form, Origin, Value, container, element, join
from stateflow.compiler.analysis.read_only_expressions import EXPRESSIONS
from stateflow.compiler.analysis.read_only_statements import STATEMENTS
from stateflow.compiler.trees import children
from stateflow.compiler.types import resolve_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stateflow.compiler.analysis.read_only_calls import Closed
    from stateflow.compiler.unit import FunctionUnit

__all__ = ["Body", "Found", "Summary", "Write"]

_ON_ELEMENTS = dunders.ORDER | dunders.EQUALITY | dunders.TEXT | {"__hash__"}


class Write(msgspec.Struct, frozen=True):
    """The first thing in a method that may change an entity: where it is, and what it does. Lines count from 1.

    `cause` is where that happens, when it is in a function that is called there.
    """

    file: str
    line: int
    why: str
    cause: Write | None = None

    def __str__(self) -> str:
        cause = "" if self.cause is None else f", where line {self.cause.line} {self.cause.why}"
        return f"line {self.line} {self.why}{cause}"


class Summary(NamedTuple):
    """What a call of a function does: what it gives, what it may have put into what it was given, and its first write."""

    result: Value = ATOM
    stored: Origin = Origin.FRESH
    write: Write | None = None


class Found(Exception):
    """Ends the search: nothing more is asked of a function that may write."""

    def __init__(self, write: Write) -> None:
        super().__init__(write.why)
        self.write = write


class Body:
    """One function of the user, called with certain arguments.

    Args:
        unit: the function.
        arguments: what is known of its parameters, by name.
        closed: the functions of the closed world.
    """

    def __init__(self, unit: FunctionUnit, arguments: dict[str, Value], closed: Closed) -> None:
        self.unit = unit
        self.top = unit
        self.closed = closed
        self.program = closed.program
        self.types = Inference(unit, self.program)
        self.env: dict[str, Value] = {**dict.fromkeys(unit.scope.free - {"__class__"}, STATE), **arguments}
        self.results: dict[str, Value] = {}
        self.stored = Origin.FRESH
        self.changed = False

    def run(self) -> Summary:
        """Look at the body again and again, until nothing more is learned."""
        try:
            self.changed = True
            while self.changed:
                self.changed = False
                self.look_inside(self.top)
        except Found as found:
            return Summary(STATE, Origin.STATE, found.write)
        return Summary(self.results.get(self.top.name, ATOM), self.stored)

    def look_inside(self, unit: FunctionUnit) -> None:
        """Look at the statements of a function, or at the expression of a lambda."""
        outside, types_outside = self.unit, self.types
        self.unit, self.types = unit, Inference(unit, self.program)
        if isinstance(unit.node, ast.Lambda):
            self.give(self.of(unit.node.body))
        else:
            self.visit_all(unit.node.body)
        self.unit, self.types = outside, types_outside

    def refuse(self, node: Any, why: str, cause: Write | None = None) -> NoReturn:
        """End the search at a node."""
        raise Found(Write(self.unit.filename, getattr(node, "lineno", self.unit.node.lineno), why, cause))

    def learn(self, table: dict[str, Value], name: str, value: Value) -> None:
        """Add to what is known of a variable or of a function's result."""
        known = table.get(name)
        joined = value if known is None else join(known, value)
        if joined != known:
            table[name] = joined
            self.changed = True

    def give(self, value: Value) -> None:
        """Note what the function returns or yields."""
        held = container(value, self.results.get(self.unit.name, ATOM)) if self.unit.is_generator else value
        self.learn(self.results, self.unit.name, held._replace(form=Form.ANY) if self.unit.is_generator else held)

    def put_into(self, *values: Value) -> None:
        """Note that values were put into something that was made here."""
        origin = join(*values).reach
        if origin > self.stored:
            self.stored = origin
            self.changed = True

    # Statements.

    def visit_all(self, nodes: Iterable[Any]) -> None:
        """Look at statements."""
        for node in nodes:
            self.visit(node)

    def visit(self, node: Any) -> None:
        """Look at one statement, or at any other node."""
        handler = STATEMENTS.get(type(node))
        if handler is not None:
            handler(self, node)
        elif isinstance(node, ast.expr):
            self.of(node)
        else:
            self.note_syntax(node)
            self.visit_all(children(node))

    def assign(self, target: ast.expr, value: Value) -> None:
        """Bind or store a value."""
        match target:
            case ast.Name(id=name):
                if name in self.unit.scope.globals:
                    self.refuse(target, f"assigns the global {name}")
                self.learn(self.env, name, value)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                self.iterate(target, value)
                for part in parts:
                    self.assign(part, element(value))
            case ast.Starred(value=inner):
                self.assign(inner, container(value))
            case ast.Attribute() | ast.Subscript():
                self.store(target, value, "assigns")

    def store(self, target: ast.Attribute | ast.Subscript, value: Value, verb: str) -> None:
        """Assign or delete an attribute or an element; only what was made here may be changed so."""
        owner = self.of(target.value)
        if isinstance(target, ast.Attribute):
            if owner.itself is not Origin.FRESH:
                self.refuse(target, f"{verb} {ast.unparse(target)}")
            self.closed.call_setters(self, target, owner, value)
        else:
            if owner.itself is Origin.STATE:
                self.refuse(target, f"{verb} {ast.unparse(target)}")
            self.call_dunders(target, {"__setitem__", "__delitem__", "__hash__", "__eq__"}, owner, self.of(target.slice), value)
        self.put_into(value)

    def iterate(self, node: Any, value: Value) -> Value:
        """Return what iterating over a value gives."""
        if value.form is not Form.ANY:
            return element(value)
        return join(element(value), element(self.call_dunders(node, dunders.ITERATION, value)))

    def call_dunders(self, node: Any, names: Iterable[str], *operands: Value) -> Value:
        """Look at the special methods that syntax may call on operands; return what they give.

        Python's own containers do not iterate over what they hold, but compare it and show it.
        """
        users = [o for o in operands if o.form is Form.ANY]
        held = [element(o) for o in operands if o.form is Form.BUILTIN]
        result = self.call_all_dunders(node, names, *users) if users else ATOM
        return join(result, self.call_all_dunders(node, _ON_ELEMENTS.intersection(names), *held)) if held else result

    def call_all_dunders(self, node: Any, names: Iterable[str], *operands: Value) -> Value:
        """Look at special methods that may be called on operands and on what they hold."""
        if all(o.form is Form.ATOM for o in operands):
            return ATOM
        return self.closed.call_dunders(self, node, names, join(*operands, *map(element, operands)))

    def note_syntax(self, node: ast.AST) -> None:
        """Look at the operands of a statement, and at the special methods that it calls on them."""
        for names, operands in dunders.used_by(node):
            self.call_dunders(node, names, *map(self.of, operands))

    def operate(self, node: ast.expr, parts: Sequence[ast.expr]) -> tuple[list[Value], Value]:
        """Look at the parts of an operator and at the special methods that it calls; return their values, and what those give."""
        values = dict(zip(map(id, parts), self.of_all(parts), strict=True))
        given = [self.call_dunders(node, names, *(values[id(o)] for o in operands)) for names, operands in dunders.used_by(node)]
        return list(values.values()), join(*given)

    # Expressions.

    def of(self, node: ast.expr) -> Value:
        """Look at an expression; return what is known of its value."""
        handler = EXPRESSIONS.get(type(node))
        if handler is None:
            self.refuse(node, f"has {type(node).__name__}, of which nothing is known")
        value: Value = handler(self, node)
        if value.form is Form.ANY:
            value = self.closed.with_type(value, self.types.of(node))
        return value.holding(self.stored)

    def of_all(self, nodes: Iterable[ast.expr | None]) -> list[Value]:
        """Look at expressions; an unpacked one counts as what it holds."""
        return [self.of(n) for n in nodes if n is not None]

    def is_variable(self, name: str) -> bool:
        """Tell whether a name is a variable here."""
        scope = self.unit.scope
        return "." in name or name in scope.bound or name in scope.free

    def resolve(self, node: ast.expr) -> object:
        """Return the fixed object that an expression names; None when it is none."""
        return resolve_value(node, ModuleNames(self.unit, self.program))

    @functools.cached_property
    def self_name(self) -> str | None:
        """The variable that is the object of the method and nothing else."""
        top = self.top
        arguments = getattr(top.node, "args", None)
        positional = arguments.posonlyargs + arguments.args if arguments is not None else []
        if top.owner is None or top.is_static or top.is_class or not positional:
            return None
        name: str = positional[0].arg
        inside = [n for u in top.family() if u is not top for n in getattr(getattr(u.node, "args", None), "args", ()) if n.arg == name]
        return None if inside or name in top.stored_names else name
