"""Lower a whole function to its control-flow graph."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from stateflow.compiler.frontend.builder import Builder
from stateflow.compiler.frontend.comprehensions import lower_generator_body
from stateflow.compiler.frontend.names import cell_name, constant, load, support
from stateflow.compiler.ir import Assign, FunctionIR, Return
from stateflow.compiler.scope import parameters

if TYPE_CHECKING:
    from stateflow.compiler.program import Program
    from stateflow.compiler.unit import FunctionUnit

__all__ = ["lower_function"]


def lower_function(unit: FunctionUnit, program: Program) -> FunctionIR:
    """Return the control-flow graph of a resumable function."""
    from stateflow.compiler.frontend.expressions import lower

    b = Builder(unit, program)
    node = unit.node
    names = [".0"] if isinstance(node, ast.GeneratorExp) else parameters(node.args)
    for name in sorted(unit.scope.cells):
        given: list[ast.expr] = [load(name, node)] if name in names else []
        b.emit(Assign(cell_name(name), support("new_cell", given, node)))
    if isinstance(node, ast.GeneratorExp):
        lower_generator_body(b, node)
    elif isinstance(node, ast.Lambda):
        b.terminate(Return(lower(b, node.body)))
    else:
        b.statements(node.body)
        b.terminate(Return(constant(None, node.body[-1])))
    return b.finish(unit.name, [cell_name(n) for n in sorted(unit.scope.free)] + names)
