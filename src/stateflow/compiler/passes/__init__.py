"""The passes: each changes a control-flow graph in place into one that means the same.

`PASSES` is the whole pipeline, in order. After each pass `stateflow.compiler.ir.verifier.verify` holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.compiler.passes.fold_branches import fold_branches
from stateflow.compiler.passes.fold_temporaries import fold_temporaries
from stateflow.compiler.passes.join_augmented import join_augmented
from stateflow.compiler.passes.merge_blocks import merge_blocks
from stateflow.compiler.passes.number_blocks import number_blocks
from stateflow.compiler.passes.propagate_copies import propagate_copies
from stateflow.compiler.passes.remove_dead_temporaries import remove_dead_temporaries
from stateflow.compiler.passes.remove_unreachable import remove_unreachable
from stateflow.compiler.passes.store_results import store_results
from stateflow.compiler.passes.thread_jumps import thread_jumps

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.compiler.ir import FunctionIR

__all__ = ["PASSES", "run_passes"]

PASSES: tuple[Callable[[FunctionIR], None], ...] = (
    fold_branches,
    remove_unreachable,
    remove_dead_temporaries,
    merge_blocks,
    propagate_copies,
    join_augmented,
    store_results,
    fold_temporaries,
    thread_jumps,
    # What the passes since the first time have emptied.
    remove_unreachable,
    merge_blocks,
    number_blocks,
)


def run_passes(function: FunctionIR, verify: bool = False) -> None:
    """Run every pass over a function.

    Args:
        function: the graph, which is changed in place.
        verify: check the graph before the first pass and after each one; for tests.

    Raises:
        BrokenIR: with `verify`, a pass (its name is in the message) left a graph that breaks a rule.
    """
    if not verify:
        for run in PASSES:
            run(function)
        return
    from stateflow.compiler.ir.verifier import verify as check

    check(function, "the frontend")
    for run in PASSES:
        run(function)
        check(function, run.__name__)
