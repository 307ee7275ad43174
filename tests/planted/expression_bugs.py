"""Bugs in the lowering of expressions, names and functions."""

from __future__ import annotations

import ast
import copy

from stateflow.compiler.codegen.support import SUPPORT
from stateflow.compiler.frontend import calls, comprehensions, conditions, expressions, normalise, rewrite
from stateflow.compiler.frontend.names import constant
from tests.planted.bug import Garden

BUGS = Garden()


@BUGS.bug("control/operands_before_the_call_are_kept")
def right_operand_is_evaluated_first(patch):
    original = expressions._binary

    def lower(b, node):
        if b.is_point(node):
            return original(b, node)
        right = b.spill(expressions.lower(b, node.right))
        return ast.copy_location(ast.BinOp(expressions.lower(b, node.left), node.op, right), node)

    patch.setitem(expressions.LOWERINGS, ast.BinOp, lower)


@BUGS.bug("control/operands_before_the_call_are_kept")
def left_operand_is_not_kept(patch):
    def lower(b, node):
        left, right = expressions.lower(b, node.left), expressions.lower(b, node.right)
        return ast.copy_location(ast.BinOp(left, node.op, right), node)

    patch.setitem(expressions.LOWERINGS, ast.BinOp, lower)


@BUGS.bug("control/and_or_short_circuit")
def and_or_evaluate_all_values(patch):
    def lower(b, node):
        values = [b.spill(expressions.lower(b, value)) for value in node.values]
        return ast.copy_location(ast.BoolOp(node.op, values), node)

    patch.setitem(expressions.LOWERINGS, ast.BoolOp, lower)


@BUGS.bug("control/walrus_in_condition")
def condition_evaluates_all_values(patch):
    def lower(b, node, then, orelse, *, is_point):
        values = [b.spill(expressions.lower(b, value)) for value in node.values]
        b.branch(ast.copy_location(ast.BoolOp(node.op, values), node), then, orelse, is_point=is_point)

    patch.setattr(conditions, "_lower_boolean", lower)


@BUGS.bug("shop/auction_with_outbid_refunds")
def or_in_a_condition_is_and(patch):
    original = conditions._lower_boolean

    def lower(b, node, then, orelse, *, is_point):
        changed = copy.copy(node)
        changed.op = ast.And()
        original(b, changed, then, orelse, is_point=is_point)

    patch.setattr(conditions, "_lower_boolean", lower)


@BUGS.bug("closures/lambda_variants")
def ternary_arms_are_exchanged(patch):
    original = expressions._conditional

    def lower(b, node):
        changed = copy.copy(node)
        changed.body, changed.orelse = node.orelse, node.body
        return original(b, changed)

    patch.setitem(expressions.LOWERINGS, ast.IfExp, lower)


@BUGS.bug("control/chained_comparison")
def chained_comparison_evaluates_the_middle_twice(patch):
    original = expressions._compare

    def lower(b, node):
        if len(node.ops) == 1:
            return original(b, node)
        operands = [node.left, *node.comparators]
        parts = []
        for op, left, right in zip(node.ops, operands, operands[1:], strict=False):
            values = [b.spill(expressions.lower(b, left)), b.spill(expressions.lower(b, right))]
            parts.append(ast.copy_location(ast.Compare(values[0], [op], [values[1]]), node))
        return ast.copy_location(ast.BoolOp(ast.And(), parts), node)

    patch.setitem(expressions.LOWERINGS, ast.Compare, lower)


@BUGS.bug("control/walrus_in_condition")
def walrus_binds_nothing(patch):
    patch.setitem(expressions.LOWERINGS, ast.NamedExpr, lambda b, node: b.spill(expressions.lower(b, node.value)))


@BUGS.bug("values/strings_with_remote_parts")
def formatted_value_loses_its_conversion(patch):
    original = SUPPORT["format"]
    patch.setitem(SUPPORT, "format", lambda value, conversion, spec: original(value, -1, spec))


@BUGS.bug("control/starred_argument_is_consumed_in_its_turn")
def starred_argument_is_taken_apart_late(patch):
    original = expressions.lower_operands

    def lower(b, nodes, *, all_now=False):
        if not any(isinstance(n, ast.Starred) for n in nodes):
            return original(b, nodes, all_now=all_now)
        return [expressions.lower(b, n) if isinstance(n, ast.Starred) else b.spill(expressions.lower(b, n)) for n in nodes]

    patch.setattr(expressions, "lower_operands", lower)


@BUGS.bug("control/method_is_looked_up_before_its_arguments")
def method_is_looked_up_after_its_arguments(patch):
    patch.setattr(calls, "_is_simple", lambda b, node: not any(isinstance(a, ast.Starred) for a in node.args) and not node.keywords)


@BUGS.bug("mixed/args_and_kwargs_objects")
def keyword_arguments_come_in_reverse(patch):
    original = calls._arguments

    def arguments(b, node):
        values, keywords = original(b, node)
        return values, keywords[::-1]

    patch.setattr(calls, "_arguments", arguments)


@BUGS.bug("comprehensions/filter_by_remote_property")
def filter_of_a_comprehension_is_dropped(patch):
    original = comprehensions._clauses

    def clauses(b, clauses, iterator, element, *, is_point):
        changed = [ast.copy_location(ast.comprehension(c.target, c.iter, [], c.is_async), c.iter) for c in clauses]
        for old, new in zip(clauses, changed, strict=True):
            if b.is_point(old):
                b.points[id(new)] = b.points[id(old)]
        b.kept += changed
        original(b, changed, iterator, element, is_point=is_point)

    patch.setattr(comprehensions, "_clauses", clauses)


@BUGS.bug("comprehensions/comprehension_in_comprehension")
def comprehension_variable_leaks(patch):
    def visit(self, node, element):
        for clause in node.generators:
            clause.target, clause.iter = self.visit(clause.target), self.visit(clause.iter)
            clause.ifs = [self.visit(test) for test in clause.ifs]
        element()
        return node

    patch.setattr(normalise._Normaliser, "_visit_comprehension", visit)


@BUGS.bug("classes/super_calls_across_entities")
def super_skips_a_class(patch):
    original = normalise._Normaliser.visit_Call

    def visit(self, node):
        was_bare = isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args
        node = original(self, node)
        if was_bare and node.args:
            order = ast.copy_location(ast.Attribute(node.args[0], "__mro__", ast.Load()), node)
            node.args[0] = ast.copy_location(ast.Subscript(order, constant(1, node), ast.Load()), node)
        return node

    patch.setattr(normalise._Normaliser, "visit_Call", visit)


@BUGS.bug("classes/name_mangling")
def private_names_are_not_mangled(patch):
    patch.setattr(normalise, "mangle", lambda name, owner: name)


@BUGS.bug("closures/cell_shared_by_two_functions")
def captured_cell_is_copied(patch):
    original = SUPPORT["make"]

    def make(template, cells, defaults, keyword_defaults):
        copies = tuple(type(c)(c.cell_contents) if hasattr(c, "cell_contents") else type(c)() for c in cells)
        return original(template, copies, defaults, keyword_defaults)

    patch.setitem(SUPPORT, "make", make)


@BUGS.bug("closures/nonlocal_counter_around_calls")
def assignment_to_a_nonlocal_is_lost(patch):
    def augmented(self, node):
        return ast.copy_location(ast.Expr(self._visit(node.value)), node)

    patch.setattr(rewrite.Rewriter, "_captured_augmented", augmented)


@BUGS.bug("closures/keyword_only_defaults_of_nested_functions")
def keyword_only_defaults_are_lost(patch):
    original = SUPPORT["make"]
    patch.setitem(SUPPORT, "make", lambda template, cells, defaults, named: original(template, cells, defaults, {}))


@BUGS.bug("control/remote_default_argument_values")
def default_values_come_in_reverse(patch):
    original = SUPPORT["make"]
    patch.setitem(SUPPORT, "make", lambda template, cells, defaults, named: original(template, cells, defaults[::-1], named))


@BUGS.bug("control/membership_and_indexing_of_remote_answers")
def slice_loses_its_step(patch):
    original = expressions._slice

    def lower(b, node):
        result = original(b, node)
        result.step = None
        return result

    patch.setitem(expressions.LOWERINGS, ast.Slice, lower)


@BUGS.bug("values/displays_evaluate_in_order")
def dict_display_reverses_its_pairs(patch):
    original = expressions._dict

    def lower(b, node):
        result = original(b, node)
        result.keys, result.values = result.keys[::-1], result.values[::-1]
        return result

    patch.setitem(expressions.LOWERINGS, ast.Dict, lower)
