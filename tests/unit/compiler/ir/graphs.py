"""Small control-flow graphs made by hand. In their syntax `D_t1` stands for `.t1`, which Python cannot parse."""

from __future__ import annotations

import ast
from typing import Any

from stateflow.compiler.ir import Assign, Block, Exec, FunctionIR, Jump, Operate, Return, Terminator

__all__ = ["assign", "block", "call", "execute", "expression", "function", "jump", "operate", "returns", "statement"]


def _dotted(tree: Any) -> Any:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id.startswith("D_"):
            node.id = "." + node.id[2:]
    return tree


def expression(text: str) -> ast.expr:
    return _dotted(ast.parse(text, mode="eval").body)  # type: ignore[no-any-return]


def statement(text: str) -> ast.stmt:
    return _dotted(ast.parse(text).body[0])  # type: ignore[no-any-return]


def call(text: str) -> ast.Call:
    result = expression(text)
    assert isinstance(result, ast.Call)
    return result


def assign(target: str, text: str) -> Assign:
    return Assign(target, expression(text))


def execute(text: str) -> Exec:
    return Exec(statement(text))


def returns(text: str = "None") -> Return:
    return Return(expression(text))


def jump(target: int) -> Jump:
    return Jump(target)


def operate(text: str, following: int, target: str | None = None, stop: int | None = None) -> Operate:
    return Operate(call(text), target, following, stop)


def block(label: int, *content: Any, handler: int | None = None, depth: int = 0, killed: tuple[str, ...] = ()) -> Block:
    """Make a block; the last of its content is the terminator, if that is one."""
    *instructions, last = content
    assert isinstance(last, Terminator)
    return Block(label, handler, depth, instructions, last, killed)


def function(*blocks: Block, parameters: tuple[str, ...] = ("self",), **rest: Any) -> FunctionIR:
    return FunctionIR("shop:User.buy", list(parameters), {b.label: b for b in blocks}, {}, **rest)
