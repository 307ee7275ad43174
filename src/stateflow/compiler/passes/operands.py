"""Find the operand that an instruction evaluates first (The Python Language Reference, 6.16, "Evaluation order")."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from stateflow.compiler.ir import Assign, Branch, Exec, Operate, Return, Yield
from stateflow.compiler.trees import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stateflow.compiler.ir import Instruction, Terminator

__all__ = ["Operand", "find_operand"]


class Operand:
    """A place in a syntax tree that holds an expression."""

    __slots__ = ("field", "index", "parent")

    def __init__(self, parent: Any, field: str, index: int | None = None) -> None:
        self.parent = parent
        self.field = field
        self.index = index

    def get(self) -> Any:
        """Return what stands here."""
        value = getattr(self.parent, self.field)
        return value if self.index is None else value[self.index]

    def replace(self, value: ast.expr) -> None:
        """Put another expression here."""
        if self.index is None:
            setattr(self.parent, self.field, value)
        else:
            getattr(self.parent, self.field)[self.index] = value


def find_operand(reader: Instruction | Terminator, name: str, is_steady: Callable[[str], bool]) -> Operand | None:
    """Return where an instruction or terminator reads a temporary; None unless nothing with an effect is evaluated before it.

    Args:
        reader: what reads the temporary.
        name: the temporary.
        is_steady: tells of a variable of the user whether it is always bound, to one value.
    """
    search = _Search(name, is_steady)
    for operand in _roots(reader):
        if not search.passes(operand):
            break
    return search.found if search.found is not None and _count(reader, name) == 1 else None


def _count(reader: Instruction | Terminator, name: str) -> int:
    roots = [operand.get() for operand in _roots(reader)]
    if isinstance(reader, Exec):
        roots = [reader.statement]
    return sum(isinstance(n, ast.Name) and n.id == name for root in roots for n in walk(root))


def _roots(reader: Instruction | Terminator) -> Iterator[Operand]:
    """Yield the expressions of an instruction or terminator, as far as all are evaluated, once, in this order."""
    match reader:
        case Assign() | Return() | Yield():
            yield Operand(reader, "value")
        case Branch():
            yield Operand(reader, "test")
        case Operate():
            yield Operand(reader, "call")
        case Exec(statement):
            yield from _statement_roots(statement)


def _statement_roots(node: ast.stmt) -> Iterator[Operand]:
    match node:
        case ast.Expr() | ast.Return(value=ast.expr()):
            yield Operand(node, "value")
        case ast.Assign(targets=[target]):
            yield Operand(node, "value")
            yield from _target_roots(target)
        case ast.AugAssign(target=ast.Name(id=name)) if name.startswith("."):
            yield Operand(node, "value")
        case ast.Raise(exc=ast.expr()):
            yield Operand(node, "exc")
            if node.cause is not None:
                yield Operand(node, "cause")
        case ast.Delete(targets=[target]):
            yield from _target_roots(target)
        case ast.If() | ast.Assert():
            yield Operand(node, "test")
        case ast.For():
            yield Operand(node, "iter")
        case ast.Match():
            yield Operand(node, "subject")


def _target_roots(target: ast.expr) -> Iterator[Operand]:
    if isinstance(target, ast.Attribute | ast.Subscript):
        yield Operand(target, "value")
    if isinstance(target, ast.Subscript):
        yield Operand(target, "slice")


class _Search:
    """Walk operands in the order of their evaluation until the temporary, or anything with an effect, is met."""

    def __init__(self, name: str, is_steady: Callable[[str], bool]) -> None:
        self.name = name
        self.is_steady = is_steady
        self.found: Operand | None = None

    def passes(self, operand: Operand) -> bool:
        """Tell whether evaluation goes on behind an operand without having had an effect."""
        node = operand.get()
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.Name):
            if node.id == self.name:
                self.found = operand
                return False
            return node.id.startswith(".") or self.is_steady(node.id)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == ".tx":
            return True
        return all(self.passes(o) for o in _operands(node)) and _is_pure(node)


def _is_pure(node: ast.expr) -> bool:
    """Tell whether a node has no effect of its own once its operands are evaluated."""
    match node:
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return not any(isinstance(e, ast.Starred) for e in elements)
        case ast.keyword(arg=name):
            return name is not None
        case ast.FormattedValue(value=ast.Name(id=name), conversion=-1, format_spec=None):
            # The frontend puts text only into temporaries of this form.
            return name.startswith(".")
    return isinstance(node, ast.Slice)


def _operands(node: Any) -> Iterator[Operand]:
    """Yield the operands that are all evaluated, once, in this order, before the node itself does anything."""
    fields = _OPERANDS.get(type(node), ())
    for field in fields:
        value = getattr(node, field)
        if isinstance(value, list):
            yield from (Operand(node, field, index) for index in range(len(value)))
        elif value is not None:
            yield Operand(node, field)
    if isinstance(node, ast.Compare | ast.BoolOp):
        yield from _first_operands(node)


def _first_operands(node: ast.Compare | ast.BoolOp) -> Iterator[Operand]:
    """Yield what a comparison or `and`/`or` evaluates in any case."""
    if isinstance(node, ast.BoolOp):
        yield Operand(node, "values", 0)
    else:
        yield Operand(node, "left")
        yield Operand(node, "comparators", 0)


_OPERANDS: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Attribute: ("value",),
    ast.BinOp: ("left", "right"),
    ast.Call: ("func", "args", "keywords"),
    ast.FormattedValue: ("value",),
    ast.IfExp: ("test",),
    ast.JoinedStr: ("values",),
    ast.keyword: ("value",),
    ast.List: ("elts",),
    ast.NamedExpr: ("value",),
    ast.Set: ("elts",),
    ast.Slice: ("lower", "upper", "step"),
    ast.Starred: ("value",),
    ast.Subscript: ("value", "slice"),
    ast.Tuple: ("elts",),
    ast.UnaryOp: ("operand",),
}
