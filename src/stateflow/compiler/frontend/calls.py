"""Lower calls that contain a suspension point.

Before: `item.update(f(x), *rest)`
After:  the method of `item` is looked up (which may suspend), the arguments are evaluated in order, then `.tx.call(...)`

CPython looks up the function before it evaluates the arguments, so a missing method is reported before any argument has an effect.
"""

from __future__ import annotations

import ast
import builtins
import types
from typing import TYPE_CHECKING

from stateflow.compiler.frontend.names import call, constant, operation
from stateflow.compiler.trees import copy_place
from stateflow.compiler.types import resolve_value

if TYPE_CHECKING:
    from stateflow.compiler.frontend.builder import Builder

__all__ = ["lower_call"]


def lower_call(b: Builder, node: ast.Call) -> ast.expr:
    """Return a native expression for the value of a call."""
    if not b.is_point(node):
        return _native_call(b, node)
    if isinstance(node.func, ast.Attribute) and _is_simple(b, node):
        return _method_call(b, node, node.func)
    function = _function(b, node)
    arguments, keywords = _arguments(b, node)
    return b.operate(operation("call", [function, *arguments], node, keywords))


def _is_simple(b: Builder, node: ast.Call) -> bool:
    """Tell whether evaluating the arguments has no effect, so that the method may be looked up after it."""
    values = [*node.args, *[k.value for k in node.keywords]]
    return all(_has_no_effect(v) for v in values) and all(k.arg is not None for k in node.keywords)


def _has_no_effect(node: ast.expr) -> bool:
    match node:
        case ast.Constant():
            return True
        case ast.Name():
            return True
        case ast.UnaryOp(operand=ast.Constant() | ast.Name() as operand, op=ast.USub() | ast.UAdd()):
            return _has_no_effect(operand)
        case ast.Tuple(elts=elements):
            return all(map(_has_no_effect, elements))
    return False


def _method_call(b: Builder, node: ast.Call, function: ast.Attribute) -> ast.expr:
    from stateflow.compiler.frontend.expressions import lower

    owner = lower(b, function.value)
    arguments = [lower(b, a) for a in node.args]
    keywords = [copy_place(ast.keyword(k.arg, lower(b, k.value)), k) for k in node.keywords]
    return b.operate(operation("call_method", [owner, constant(function.attr, node), *arguments], node, keywords))


def _function(b: Builder, node: ast.Call) -> ast.expr:
    from stateflow.compiler.frontend.expressions import lower

    function = node.func
    if isinstance(function, ast.Attribute) and not b.must_lower(function) and _is_of_module(b, function):
        return b.rewriter.expression(function)
    if isinstance(function, ast.Attribute) and not b.is_point(function) and resolve_value(function, b.visible) is None:
        owner = lower(b, function.value)
        method = b.operate(operation("get_method", [owner, constant(function.attr, function)], function))
        return method
    return _evaluated(b, function)


def _evaluated(b: Builder, function: ast.expr) -> ast.expr:
    """Evaluate what is called before its arguments, unless it cannot be another object after them."""
    from stateflow.compiler.frontend.expressions import lower

    if not b.must_lower(function) and (_is_fixed(b, function) or _is_of_module(b, function)):
        return b.rewriter.expression(function)
    return b.spill(lower(b, function))


def _is_fixed(b: Builder, function: ast.expr) -> bool:
    """Tell whether a name stands for the same object all the time: a function or class of the module, or Python's own."""
    if resolve_value(function, b.visible) is not None:
        return True
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and b.inference.is_builtin(function.value.id):
        # Such as `object.__setattr__`, which no frame could hold.
        return hasattr(getattr(builtins, function.value.id), function.attr)
    return isinstance(function, ast.Name) and b.inference.is_builtin(function.id)


def _is_of_module(b: Builder, function: ast.expr) -> bool:
    """Tell whether a function is a method of an object of a library that the module holds, such as `CONTEXT.divide`.

    Looking it up has no effect and gives the same after the arguments; the object itself need not be stored meanwhile.
    """
    if not (isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)):
        return False
    owner = resolve_value(function.value, b.visible)
    is_held = owner is not None and not isinstance(owner, types.ModuleType | type)
    return is_held and hasattr(type(owner), function.attr) and type(owner) not in b.inference.program.known_classes


def _arguments(b: Builder, node: ast.Call) -> tuple[list[ast.expr], list[ast.keyword]]:
    from stateflow.compiler.frontend.expressions import lower_operands

    flat: list[ast.expr] = [*node.args, *[k.value for k in node.keywords]]
    values = lower_operands(b, flat)
    arguments, rest = values[: len(node.args)], values[len(node.args) :]
    keywords = [copy_place(ast.keyword(k.arg, v), k) for k, v in zip(node.keywords, rest, strict=True)]
    return arguments, keywords


def _native_call(b: Builder, node: ast.Call) -> ast.expr:
    """Lower a call that does not itself suspend but whose parts do; its function is evaluated first."""

    special = b.rewriter.special(node)
    if special is not None:
        arguments, keywords = _arguments(b, node)
        return copy_place(ast.Call(special, arguments, keywords), node)
    # A bound method of a list or the like is data when the frame is saved.
    function = _evaluated(b, node.func)
    arguments, keywords = _arguments(b, node)
    return call(function, arguments, node, keywords)

