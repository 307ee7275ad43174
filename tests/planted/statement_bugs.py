"""Bugs in the lowering of statements."""

from __future__ import annotations

import ast
import copy

from stateflow.compiler.codegen.support import SUPPORT
from stateflow.compiler.frontend import assignments, expressions, loops, patterns, protection, statements
from stateflow.compiler.frontend.builder import Builder, Cleanup, Handling, Loop
from stateflow.compiler.frontend.names import constant, load, support
from stateflow.compiler.ir import Assign, Exec, Jump, Return
from tests.planted.bug import Garden

BUGS = Garden()


@BUGS.bug("values/augmented_assignment_targets")
def augmented_target_is_evaluated_twice(patch):
    original = assignments.lower_augmented

    def lower(b, node):
        if not isinstance(node.target, ast.Subscript):
            return original(b, node)
        index = b.spill(expressions.lower(b, node.target.slice))
        owner = b.spill(expressions.lower(b, node.target.value))
        current = b.spill(ast.copy_location(ast.Subscript(owner, index, ast.Load()), node))
        value = b.spill(ast.copy_location(ast.BinOp(current, node.op, expressions.lower(b, node.value)), node))
        again = b.spill(expressions.lower(b, node.target.slice))
        place = ast.copy_location(ast.Subscript(owner, again, ast.Store()), node)
        b.emit(Exec(ast.copy_location(ast.Assign([place], value), node)))

    patch.setitem(statements.LOWERINGS, ast.AugAssign, lower)


@BUGS.bug("values/two_names_for_one_list")
def augmented_assignment_does_not_combine_in_place(patch):
    def combine(b, node, current, value, *, is_point):
        return b.spill(ast.copy_location(ast.BinOp(current, node.op, value), node))

    patch.setattr(assignments, "_combine", combine)


@BUGS.bug("control/local_operand_changed_by_a_walrus")
def augmented_assignment_reads_its_target_last(patch):
    original = assignments.lower_augmented

    def lower(b, node):
        if not isinstance(node.target, ast.Name):
            return original(b, node)
        value = b.spill(expressions.lower(b, node.value))
        current = b.spill(b.rewriter.expression(load(node.target.id, node.target)))
        b.assign_name(node.target.id, ast.copy_location(ast.BinOp(current, node.op, value), node))

    patch.setitem(statements.LOWERINGS, ast.AugAssign, lower)


@BUGS.bug("mixed/assignment_target_order")
def targets_are_assigned_from_right_to_left(patch):
    original = assignments.lower_assign

    def lower(b, node):
        changed = ast.copy_location(ast.Assign(node.targets[::-1], node.value), node)
        original(b, changed)

    patch.setitem(statements.LOWERINGS, ast.Assign, lower)


@BUGS.bug("values/swap_and_chained_assignment")
def unpacked_parts_are_exchanged(patch):
    original = assignments._unpack

    def unpack(b, target, parts, value):
        original(b, target, parts[::-1] if len(parts) == 2 else parts, value)

    patch.setattr(assignments, "_unpack", unpack)


def _leaving(kinds):
    """Return a `Builder.leave` that passes by clean-ups for some ways out."""

    def leave(self, kind, loop, at, value=None):
        for context in reversed(self.contexts):
            if context is loop:
                break
            if isinstance(context, Handling) and context.name is not None:
                self.unbind(context.name, at)
            elif isinstance(context, Cleanup) and kind not in kinds:
                if (kind, loop) not in context.exits:
                    context.exits.append((kind, loop))
                if value is not None and value.id != context.returned:
                    self.emit(Assign(context.returned, value))
                self.emit(Assign(context.why, constant(context.exits.index((kind, loop)) + 1, at)))
                self.terminate(Jump(context.normal))
                return
        self.terminate(Return(value) if loop is None else Jump(loop.after if kind == "break" else loop.again))

    return leave


@BUGS.bug("exceptions/finally_runs_on_every_way_out")
def finally_is_skipped_on_return(patch):
    patch.setattr(Builder, "leave", _leaving({"return"}))


@BUGS.bug("loops/while_true_with_break_in_try")
def finally_is_skipped_on_break(patch):
    patch.setattr(Builder, "leave", _leaving({"break"}))


@BUGS.bug("exceptions/error_in_finally_replaces")
def finally_is_skipped_on_an_exception(patch):
    original = protection._guarded

    def guarded(b, node, body, on_normal, on_exception):
        original(b, node, body, on_normal, lambda: b.terminate(protection.Reraise(node)))

    patch.setattr(protection, "_guarded", guarded)


@BUGS.bug("exceptions/dropped_return_leaves_the_first_one")
def every_return_under_way_has_one_value(patch):
    original = Cleanup.__init__

    def init(self, normal, why, returned):
        original(self, normal, why, ".returned")

    patch.setattr(Cleanup, "__init__", init)


def _loop_with(after_break, else_part):
    def loop(b, node, iterator, *, is_point):
        done = b.new_block()
        head, exhausted = loops.enter_loop(b, iterator, node.target, node.iter, is_point=is_point)
        b.contexts.append(Loop(exhausted.label if after_break == "else" else done.label, head.label))
        b.statements(node.body)
        b.contexts.pop()
        b.jump(head)
        b.start(exhausted)
        b.statements(node.orelse if else_part else [])
        b.jump(done)

    return loop


@BUGS.bug("loops/for_else_with_remote_test")
def else_of_a_loop_is_lost(patch):
    patch.setattr(loops, "_loop", _loop_with("done", False))


@BUGS.bug("loops/nested_loops_with_else")
def break_runs_the_else_of_a_loop(patch):
    patch.setattr(loops, "_loop", _loop_with("else", True))


@BUGS.bug("loops/break_and_continue")
def continue_ends_the_loop(patch):
    patch.setattr(loops, "Loop", lambda after, again: Loop(after, after))


@BUGS.bug("exceptions/else_of_try_is_not_protected")
def else_of_try_is_protected(patch):
    original = protection._try_except

    def try_except(b, node):
        changed = copy.copy(node)
        changed.body, changed.orelse = [*node.body, *node.orelse], []
        original(b, changed)

    patch.setattr(protection, "_try_except", try_except)


@BUGS.bug("exceptions/exception_name_is_unbound_after_handler")
def except_name_stays_bound(patch):
    patch.setattr(Builder, "unbind", lambda self, name, at: None)


@BUGS.bug("exceptions/inner_try_unbinds_the_outer_name")
def except_name_stays_bound_when_an_exception_leaves(patch):
    original = Builder.protected
    patch.setattr(Builder, "protected", lambda self, handler, depth, killed=(): original(self, handler, depth))


@BUGS.bug("exceptions/catch_remote_by_type")
def only_the_exact_class_is_caught(patch):
    def matches(error, kinds):
        return type(error) in (kinds if isinstance(kinds, tuple) else (kinds,))

    patch.setitem(SUPPORT, "matches", matches)


@BUGS.bug("exceptions/raise_a_remote_value")
def cause_of_raise_is_lost(patch):
    def lower(b, node):
        values = expressions.lower_operands(b, [p for p in (node.exc, node.cause) if p is not None])
        b.emit(Exec(ast.copy_location(ast.Raise(values[0] if values else None, None), node)))

    patch.setitem(statements.LOWERINGS, ast.Raise, lower)


@BUGS.bug("matching/remote_subject_and_guard")
def guard_of_a_case_is_skipped(patch):
    def lower(b, node, then, orelse, *, is_point):
        b.current.terminator = Jump(then)

    patch.setattr(patterns, "lower_condition", lower)


@BUGS.bug("matching/class_pattern_reads_all_attributes_first")
def class_pattern_tests_while_it_reads(patch):
    def test(b, pattern, subject, otherwise, captures):
        cls = b.spill(b.rewriter.expression(pattern.cls))
        patterns._require(b, support("matches_class", [subject, cls], pattern), otherwise)
        parts = [*pattern.patterns, *pattern.kwd_patterns]
        for name, inner in zip(patterns._attribute_names(pattern, cls), parts, strict=True):
            value = b.operate(patterns.operation("match_attribute", [subject, name], inner))
            present = ast.copy_location(ast.Compare(value, [ast.IsNot()], [load(".STOP", inner)]), inner)
            patterns._require(b, present, otherwise)
            patterns._test(b, inner, value, otherwise, captures)

    patch.setattr(patterns, "_test_class", test)


@BUGS.bug("context/several_items_unwind_in_reverse")
def exit_is_not_called_on_an_exception(patch):
    from stateflow.core.operations import Operations

    original, native = Operations.exit_manager, SUPPORT["exit"]
    patch.setattr(Operations, "exit_manager", lambda self, m, error: None if error is not None else original(self, m, error))
    patch.setitem(SUPPORT, "exit", lambda manager, error: None if error is not None else native(manager, error))


@BUGS.bug("context/entity_is_the_context_manager")
def exit_cannot_swallow(patch):
    original = Builder.branch

    def branch(self, test, then, orelse, *, is_point):
        if self.depth and isinstance(test, ast.Name) and test.id.startswith(".t"):
            self.emit(Assign(test.id, constant(False, test)))
        original(self, test, then, orelse, is_point=is_point)

    patch.setattr(Builder, "branch", branch)
