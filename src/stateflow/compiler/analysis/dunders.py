"""Which special methods syntax and Python's own functions call."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "ALL_DUNDERS", "ATTRIBUTE_BUILTINS", "BINARY", "BUILTINS", "COMPARE", "CONSUMERS", "CONSUMING_METHODS", "CONTEXT", "EQUALITY",
    "ITERATION", "LAZY", "METHODS", "ORDER", "TEXT", "UNARY",
    "WHOLE_BUILTINS",
    "used_by",
]  # fmt: skip

BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.MatMult: "matmul", ast.Div: "truediv", ast.FloorDiv: "floordiv", ast.Mod: "mod",
    ast.Pow: "pow", ast.LShift: "lshift", ast.RShift: "rshift", ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "xor",
}  # fmt: skip
_COUNTED: dict[type[ast.operator], tuple[str, ...]] = {ast.Mult: ("__index__",)}
"""What repeating a sequence asks the number for."""
COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "__eq__", ast.NotEq: "__ne__", ast.Lt: "__lt__", ast.LtE: "__le__", ast.Gt: "__gt__", ast.GtE: "__ge__"
}  # fmt: skip
UNARY: dict[type[ast.unaryop], str] = {ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__"}
ITERATION = frozenset({"__iter__", "__next__", "__getitem__", "__len__"})
CONTEXT = frozenset({"__enter__", "__exit__", "__aenter__", "__aexit__"})
TRUTH = frozenset({"__bool__", "__len__"})
ORDER = frozenset({"__lt__", "__gt__", "__le__", "__ge__"})
EQUALITY = frozenset({"__eq__", "__ne__"})
TEXT = frozenset({"__str__", "__repr__", "__format__"})
CONTAINMENT = frozenset({"__contains__", "__eq__"}) | ITERATION

BUILTINS: dict[str, frozenset[str]] = {
    "len": frozenset({"__len__"}), "str": TEXT, "repr": TEXT, "ascii": TEXT,
    "format": TEXT, "print": TEXT, "bool": TRUTH, "iter": ITERATION,
    "next": ITERATION, "list": ITERATION, "tuple": ITERATION, "set": ITERATION | {"__hash__", "__eq__"}, "dict": ITERATION,
    "frozenset": ITERATION | {"__hash__", "__eq__"}, "sorted": ITERATION | ORDER, "min": ITERATION | ORDER, "max": ITERATION | ORDER,
    "sum": ITERATION | {"__add__", "__radd__"}, "any": ITERATION | TRUTH, "all": ITERATION | TRUTH,
    "map": ITERATION, "filter": ITERATION | TRUTH,
    "enumerate": ITERATION, "zip": ITERATION, "reversed": ITERATION | {"__reversed__"}, "hash": frozenset({"__hash__"}),
    "abs": frozenset({"__abs__"}), "round": frozenset({"__round__"}), "int": frozenset({"__int__", "__index__", "__trunc__"}),
    "float": frozenset({"__float__", "__index__"}), "divmod": frozenset({"__divmod__", "__rdivmod__"}),
    "pow": frozenset({"__pow__", "__rpow__"}),
    **dict.fromkeys(("range", "chr", "hex", "oct", "bin"), frozenset({"__index__"})),
    "complex": frozenset({"__complex__", "__float__", "__index__"}), "bytes": ITERATION | {"__bytes__", "__index__"},
    "bytearray": ITERATION | {"__index__"},
    **dict.fromkeys(("vars", "dir", "getattr", "setattr", "hasattr", "delattr"), frozenset()),
}  # fmt: skip
METHODS: dict[str, frozenset[str]] = {
    "sort": ORDER, "format": TEXT, "format_map": TEXT, **dict.fromkeys(("index", "count", "remove"), EQUALITY),
    **dict.fromkeys(("extend", "extendleft", "update", "union", "intersection", "difference"), ITERATION),
    **dict.fromkeys(("symmetric_difference", "issubset", "issuperset", "isdisjoint", "fromkeys"), ITERATION),
    **dict.fromkeys(("intersection_update", "difference_update", "symmetric_difference_update"), ITERATION),
}  # fmt: skip
"""What methods of Python's own containers and of str call, on what they hold or on their arguments."""
ALL_DUNDERS = frozenset().union(*BUILTINS.values(), CONTEXT, CONTAINMENT, ORDER, EQUALITY) | {
    *(f"__{p}{n}__" for n in BINARY.values() for p in ("", "r", "i")), *UNARY.values(), "__setitem__", "__delitem__", "__call__",
}  # fmt: skip
ATTRIBUTE_BUILTINS = frozenset({"getattr", "setattr", "hasattr", "delattr"})
WHOLE_BUILTINS = frozenset({"vars", "dir"})
CONSUMERS = frozenset(
    "list tuple set dict frozenset sorted min max sum any all map filter enumerate zip reversed iter next print bytes bytearray".split()
)
LAZY = frozenset({"map", "filter", "enumerate", "zip", "reversed", "iter"})
CONSUMING_METHODS = frozenset(
    """join extend extendleft update sort union intersection difference symmetric_difference intersection_update difference_update
    symmetric_difference_update issubset issuperset isdisjoint fromkeys""".split()
)


def used_by(node: ast.AST) -> Iterator[tuple[frozenset[str], list[ast.expr]]]:
    """Yield the special methods that a node may call, each with the operands that may define them."""
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            yield frozenset({f"__{BINARY[type(op)]}__", f"__r{BINARY[type(op)]}__", *_COUNTED.get(type(op), ())}), [left, right]
        case ast.AugAssign(target=target, op=op, value=value):
            name = BINARY[type(op)]
            yield frozenset({f"__i{name}__", f"__{name}__", f"__r{name}__", *_COUNTED.get(type(op), ())}), [target, value]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield TRUTH, [operand]
        case ast.UnaryOp(op=op, operand=operand):
            yield frozenset({UNARY[type(op)]}), [operand]
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            yield from _comparisons([left, *comparators], ops)
        case ast.Subscript(value=value, slice=index, ctx=ctx):
            names = {ast.Load: "__getitem__", ast.Store: "__setitem__", ast.Del: "__delitem__"}
            yield frozenset({names[type(ctx)]}), [value]
            yield frozenset({"__index__"}), [index]
        case ast.AugAssign(target=ast.Subscript(value=value)):
            yield frozenset({"__getitem__", "__setitem__"}), [value]
        case ast.BoolOp(values=values):
            yield TRUTH, values[:-1]
        case ast.IfExp(test=test) | ast.If(test=test) | ast.While(test=test) | ast.Assert(test=test):
            yield TRUTH, [test]
        case ast.comprehension(ifs=tests):
            yield TRUTH, tests
        case ast.match_case(guard=ast.expr() as test):
            yield TRUTH, [test]
        case ast.FormattedValue(value=value):
            yield TEXT, [value]


def _comparisons(operands: list[ast.expr], ops: list[ast.cmpop]) -> Iterator[tuple[frozenset[str], list[ast.expr]]]:
    for index, op in enumerate(ops):
        pair = operands[index : index + 2]
        if isinstance(op, ast.In | ast.NotIn):
            yield CONTAINMENT, pair
        elif isinstance(op, ast.Eq | ast.NotEq):
            yield EQUALITY, pair
        elif type(op) in COMPARE:
            yield ORDER, pair
        if index + 1 < len(ops):
            yield TRUTH, pair
