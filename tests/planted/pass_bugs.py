"""Bugs in the analyses and passes."""

from __future__ import annotations

import importlib

from stateflow.compiler import passes
from stateflow.compiler.codegen import layout
from stateflow.compiler.ir import Assign
from stateflow.compiler.passes import paths
from tests.judge.compiled import Mode
from tests.planted.bug import Garden

BUGS = Garden()

# A module that holds a pass has the name of its function in the package.
merge_blocks, propagate_copies, remove_dead_temporaries, thread_jumps = [
    importlib.import_module(f"stateflow.compiler.passes.{name}")
    for name in ("merge_blocks", "propagate_copies", "remove_dead_temporaries", "thread_jumps")
]


@BUGS.bug("closures/function_factory", Mode.SUSPENDED)
def one_live_variable_is_dropped(patch):
    original = layout.Layout.after_operation

    def live(self, block):
        found = original(self, block)
        names = sorted(n for n in found if not n.startswith(".") and n != "self")
        return found - set(names[:1])

    patch.setattr(layout.Layout, "after_operation", live)


@BUGS.bug("exceptions/exception_object_is_copied", Mode.SUSPENDED)
def variables_of_handlers_are_not_live(patch):
    original = layout.Layout.after_operation

    def live(self, block):
        handler, block.handler = block.handler, None
        try:
            return original(self, block)
        finally:
            block.handler = handler

    patch.setattr(layout.Layout, "after_operation", live)


@BUGS.bug("control/local_operand_changed_by_a_walrus")
def copy_is_replaced_though_its_variable_changes(patch):
    patch.setattr(paths.Paths, "is_unchanged", lambda self, source, copy, made: True)


@BUGS.bug("control/unbound_operand_has_no_effect_before_it")
def copy_is_replaced_though_its_variable_may_be_unbound(patch):
    patch.setattr(paths.Paths, "is_bound", lambda self, name, place: True)


@BUGS.bug("closures/lambda_variants")
def every_variable_counts_as_steady(patch):
    patch.setattr(propagate_copies, "_is_candidate", lambda places, copy, source: copy in places.readers)
    patch.setattr(propagate_copies.Places, "is_steady", lambda self, name: True)


@BUGS.bug("closures/unbound_free_variable")
def blocks_merge_across_the_edge_of_a_try(patch):
    def follower(function, block, entries):
        target = getattr(block.terminator, "target", None)
        is_jump = type(block.terminator).__name__ == "Jump"
        if not is_jump or entries[target] != 1 or target == block.label:
            return None
        following = function.blocks[target]
        return following if following.depth == block.depth else None

    patch.setattr(merge_blocks, "_only_follower", follower)


@BUGS.bug("context/native_manager_around_a_remote_call")
def unread_effects_are_removed(patch):
    def remove(function):
        places = remove_dead_temporaries.Places(function)
        for block in function.blocks.values():
            block.instructions = [
                i for i in block.instructions if not (isinstance(i, Assign) and i.target not in places.readers)
            ]

    patch.setattr(passes, "PASSES", (*passes.PASSES[:2], remove, *passes.PASSES[2:]))


@BUGS.bug("control/branch_on_remote_answer")
def first_way_of_a_branch_is_always_taken(patch):
    def fold(function):
        for block in function.blocks.values():
            if type(block.terminator).__name__ == "Branch":
                block.terminator.orelse = block.terminator.then

    patch.setattr(passes, "PASSES", (fold, *passes.PASSES))


@BUGS.bug("closures/cell_shared_by_two_functions")
def unread_operations_are_removed(patch):
    def remove(function):
        places = remove_dead_temporaries.Places(function)
        for block in function.blocks.values():
            terminator = block.terminator
            if type(terminator).__name__ == "Operate" and terminator.target not in places.readers and terminator.stop is None:
                block.terminator = merge_blocks.Jump(terminator.next)

    patch.setattr(passes, "PASSES", (*passes.PASSES[:2], remove, *passes.PASSES[2:]))


@BUGS.bug("closures/cell_shared_by_two_functions")
def jumps_skip_blocks_that_do_something(patch):
    def end(function, label):
        terminator = function.blocks[label].terminator
        is_jump = type(terminator).__name__ == "Jump"
        return terminator.target if is_jump and len(function.blocks[label].instructions) == 1 else label

    patch.setattr(thread_jumps, "_end", end)
