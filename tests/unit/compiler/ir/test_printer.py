"""The text form of a graph says all that the graph holds."""

from __future__ import annotations

import ast

from stateflow.compiler.ir import Branch, Reraise, Unreachable, Yield
from stateflow.compiler.ir.printer import print_ir
from stateflow.compiler.types import UNKNOWN, local
from tests.unit.compiler.ir.graphs import assign, block, execute, expression, function, jump, operate, returns

EXPECTED = """\
async generator shop:User.buy(self, items: list)
  variables total: ?
  cells total
  free rate

L0: handler L5
  .t1 = .iter(items)
  jump L1
L1: handler L5
  operate .t2 = .tx.next(.t1) -> L2, stop L3
L2: handler L5
  if .t2:
      return 1
  operate .tx.truth(.t2) -> L4
L3:
  unreachable
L4: handler L5
  branch .t2 > 1 -> L1, else L6
L5: depth 1, handler L7, kills error, other
  reraise
L6:
  yield .t3 = .t2 -> L1
L7: depth 1
  return None
"""


def test_every_part_of_a_graph_is_printed() -> None:
    graph = function(
        block(0, assign(".t1", "D_iter(items)"), jump(1), handler=5),
        block(1, operate("D_tx.next(D_t1)", 2, ".t2", stop=3), handler=5),
        block(2, execute("if D_t2:\n    return 1"), operate("D_tx.truth(D_t2)", 4), handler=5),
        block(3, Unreachable()),
        block(4, Branch(expression("D_t2 > 1"), 1, 6), handler=5),
        block(5, Reraise(ast.Pass()), handler=7, depth=1, killed=("error", "other")),
        block(6, Yield(expression("D_t2"), ".t3", 1)),
        block(7, returns(), depth=1),
        parameters=("self", "items"),
        cells=["total"],
        free=["rate"],
        is_generator=True,
        is_async=True,
    )
    graph.types.update(items=local(list), total=UNKNOWN)
    assert print_ir(graph) == EXPECTED
