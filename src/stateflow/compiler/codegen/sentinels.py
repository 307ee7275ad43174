"""Let variables that frames save be unbound: they hold `.UNBOUND` then, and every read that may meet it is checked.

Before: `total += x`, `del x`, `except E as e: ...` with `x` and `e` tracked
After:  `total += .bound(x, 'x')`, `.bound(x, 'x'); x = .UNBOUND`, `except E as .e: e = .e; try: ... finally: e = .UNBOUND`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from stateflow.compiler.frontend.names import constant, load, store, support
from stateflow.compiler.trees import copy_place, copy_tree, is_outer

if TYPE_CHECKING:
    from collections.abc import Set

__all__ = ["check_reads"]


def check_reads(node: Any, tracked: Set[str], doubtful: Set[str]) -> Any:
    """Return native syntax in which reads of `doubtful` variables are checked and `tracked` ones are never really unbound."""
    return _Checker(tracked, doubtful).visit(copy_tree(node))


class _Checker(ast.NodeTransformer):
    def __init__(self, tracked: Set[str], doubtful: Set[str]) -> None:
        self.tracked = tracked
        self.doubtful = doubtful

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.id in self.doubtful:
            check = "bound_outside" if is_outer(node) else "bound"
            return support(check, [node, constant(node.id.split(".")[0], node)], node)
        return node

    def visit_Delete(self, node: ast.Delete) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id in self.tracked:
                check = support("bound", [load(target.id, target), constant(target.id, target)], target)
                result.append(copy_place(ast.Expr(check), target))
                unbound = ast.Assign([store(target.id, target)], load(".UNBOUND", target))
                result.append(copy_place(unbound, target))
            else:
                result.append(copy_place(ast.Delete([self.visit(target)]), node))
        return result

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        self.generic_visit(node)
        target = node.target
        if isinstance(target, ast.Name) and target.id in self.doubtful:
            check = support("bound", [load(target.id, target), constant(target.id, target)], target)
            return [copy_place(ast.Expr(check), target), node]
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        self.generic_visit(node)
        if node.name is not None and node.name in self.tracked:
            name, node.name = node.name, f".{node.name}"
            bind = copy_place(ast.Assign([store(name, node)], load(node.name, node)), node)
            unbind = copy_place(ast.Assign([store(name, node)], load(".UNBOUND", node)), node)
            node.body = [bind, copy_place(ast.Try(node.body, [], [], [unbind]), node)]
        return node
