"""The text of a `__partition__`, by which an engine notices that new code would look for its entities elsewhere."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING

from stateflow.compiler.program import unwrap
from stateflow.compiler.source import function_node

if TYPE_CHECKING:
    import types

__all__ = ["partition_text"]


def partition_text(cls: type) -> str:
    """Return what the `__partition__` of a class does, as text without comments and annotations; nothing where it has none.

    It uses nothing of its module, so as long as the text stays, entities stay where they are.
    """
    for base in cls.__mro__:
        for function, _ in unwrap(base.__dict__.get("__partition__")):
            return _text(function)
    return ""


@lru_cache
def _text(function: types.FunctionType) -> str:
    node = function_node(function)
    assert node is not None
    parameters = [*node.args.posonlyargs, *node.args.args]
    body = [ast.Return(node.body)] if isinstance(node, ast.Lambda) else node.body[ast.get_docstring(node) is not None :]
    return "\n".join([", ".join(p.arg for p in parameters), *map(ast.unparse, body)])
