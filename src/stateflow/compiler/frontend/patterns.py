"""Lower `match` statements that contain a suspension point.

Before: `match item: case Item(price=p) if ok(p): ...`
After:  a case whose pattern cannot suspend is tested by a native `match`; a class pattern that reads attributes of what may be an
        entity becomes branches, from the outside in and from left to right. Names are bound when the whole pattern has matched,
        before the guard runs.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from stateflow.compiler.frontend.conditions import lower_condition
from stateflow.compiler.frontend.names import constant, load, operation, store, support
from stateflow.compiler.ir import Assign, Exec, Jump
from stateflow.compiler.trees import copy_place, copy_tree, walk

if TYPE_CHECKING:
    from stateflow.compiler.frontend.builder import Builder

__all__ = ["lower_match"]


def lower_match(b: Builder, node: ast.Match) -> None:
    """Lower a `match` statement."""
    from stateflow.compiler.frontend.expressions import lower

    subject = b.spill(lower(b, node.subject))
    after = b.new_block()
    for case in node.cases:
        following = b.new_block()
        captures: dict[str, ast.expr] = {}
        _test(b, case.pattern, subject, following.label, captures)
        for name, value in captures.items():
            b.assign_name(name, value)
        if case.guard is not None:
            body = b.new_block()
            lower_condition(b, case.guard, body.label, following.label, is_point=b.is_point(case))
            b.start(body)
        b.statements(case.body)
        b.terminate(Jump(after.label))
        b.start(following)
    b.jump(after)


def _test(b: Builder, pattern: ast.pattern, subject: ast.expr, otherwise: int, captures: dict[str, ast.expr]) -> None:
    """Go on where `subject` matches, else jump to `otherwise`; collect what the pattern binds."""
    from stateflow.compiler.frontend.expressions import lower

    if not _suspends(b, pattern):
        _test_natively(b, pattern, subject, otherwise, captures)
        return
    match pattern:
        case ast.MatchClass():
            _test_class(b, pattern, subject, otherwise, captures)
        case ast.MatchAs(pattern=ast.pattern() as inner, name=name):
            _test(b, inner, subject, otherwise, captures)
            if name is not None:
                captures[name] = subject
        case ast.MatchOr(patterns=patterns):
            _test_alternatives(b, patterns, subject, otherwise, captures)
        case ast.MatchValue(value=value):
            same = b.operate(operation("compare", [constant("__eq__", pattern), subject, lower(b, value)], pattern))
            _require(b, same, otherwise, is_point=True)
        case ast.MatchSequence() | ast.MatchMapping():
            _test_container(b, pattern, subject, otherwise, captures)


def _suspends(b: Builder, pattern: ast.pattern) -> bool:
    return any(b.is_point(n) for n in walk(pattern))


def _require(b: Builder, test: ast.expr, otherwise: int, *, is_point: bool = False) -> None:
    following = b.new_block()
    b.branch(test, following.label, otherwise, is_point=is_point)
    b.start(following)


def _test_natively(b: Builder, pattern: ast.pattern, subject: ast.expr, otherwise: int, captures: dict[str, ast.expr]) -> None:
    """Test a pattern by a native `match` that binds temporaries."""
    renamed: dict[str, str] = {}
    native = _rename(b, pattern, renamed)
    matched = b.temporary()
    found = _assignment(matched, True, pattern)
    missed = _assignment(matched, False, pattern)
    cases = [ast.match_case(native, None, [found]), ast.match_case(ast.MatchAs(None, None), None, [missed])]
    if isinstance(native, ast.MatchAs) and native.pattern is None:
        cases = cases[:1]
    statement = ast.Match(subject, cases)
    b.emit(Exec(ast.fix_missing_locations(copy_place(statement, pattern))))
    if len(cases) > 1:
        _require(b, load(matched, pattern), otherwise)
    captures.update({name: load(temporary, pattern) for name, temporary in renamed.items()})


def _assignment(name: str, value: bool, at: ast.AST) -> ast.stmt:
    return copy_place(ast.Assign([store(name, at)], constant(value, at)), at)


def _rename(b: Builder, pattern: ast.pattern, renamed: dict[str, str]) -> ast.pattern:
    result = copy_tree(pattern)

    def fresh(name: str) -> str:
        # Alternatives bind the same names.
        return renamed.setdefault(name, b.temporary()) if name not in renamed else renamed[name]

    for node in walk(result):
        if isinstance(node, ast.MatchAs | ast.MatchStar) and node.name is not None:
            node.name = fresh(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest is not None:
            node.rest = fresh(node.rest)
    return result


def _test_class(b: Builder, pattern: ast.MatchClass, subject: ast.expr, otherwise: int, captures: dict[str, ast.expr]) -> None:
    cls = b.spill(b.rewriter.expression(pattern.cls))
    _require(b, support("matches_class", [subject, cls], pattern), otherwise)
    values: list[ast.expr] = []
    parts = [*pattern.patterns, *pattern.kwd_patterns]
    for name, inner in zip(_attribute_names(pattern, cls), parts, strict=True):
        # All attributes are read before the first of them is tested, as CPython does it.
        value = b.operate(operation("match_attribute", [subject, name], inner))
        present = copy_place(ast.Compare(value, [ast.IsNot()], [load(".STOP", inner)]), inner)
        _require(b, present, otherwise)
        values.append(value)
    for value, inner in zip(values, parts, strict=True):
        _test(b, inner, value, otherwise, captures)


def _attribute_names(pattern: ast.MatchClass, cls: ast.expr) -> list[ast.expr]:
    """Return what gives the name of each attribute that a class pattern reads."""
    count = len(pattern.patterns)
    names: list[ast.expr] = [
        support("match_argument", [cls, constant(i, p), constant(count, p)], p) for i, p in enumerate(pattern.patterns)
    ]
    for name in pattern.kwd_attrs:
        given = constant(name, pattern)
        names.append(support("match_keyword", [cls, given, constant(count, pattern)], pattern) if count else given)
    return names


def _test_alternatives(
    b: Builder, patterns: list[ast.pattern], subject: ast.expr, otherwise: int, captures: dict[str, ast.expr]
) -> None:
    after = b.new_block()
    names: dict[str, str] = {}
    for index, alternative in enumerate(patterns):
        is_last = index + 1 == len(patterns)
        following = otherwise if is_last else b.new_block().label
        found: dict[str, ast.expr] = {}
        _test(b, alternative, subject, following, found)
        for name, value in found.items():
            names.setdefault(name, b.temporary())
            b.emit(Assign(names[name], value))
        b.terminate(Jump(after.label))
        if not is_last:
            b.start(b.blocks[following])
    b.start(after)
    captures.update({name: load(temporary, patterns[0]) for name, temporary in names.items()})


def _test_container(b: Builder, pattern: ast.pattern, subject: ast.expr, otherwise: int, captures: dict[str, ast.expr]) -> None:
    """Take a sequence or mapping apart by a native `match` into temporaries, then test its parts."""
    parts: list[tuple[ast.pattern, str]] = []

    def outline(inner: ast.pattern) -> ast.pattern:
        if isinstance(inner, ast.MatchStar) or (isinstance(inner, ast.MatchAs) and inner.pattern is None):
            return inner
        name = b.temporary()
        parts.append((inner, name))
        return copy_place(ast.MatchAs(None, name), inner)

    shape: ast.pattern
    if isinstance(pattern, ast.MatchSequence):
        shape = ast.MatchSequence([outline(p) for p in pattern.patterns])
    else:
        assert isinstance(pattern, ast.MatchMapping)
        shape = ast.MatchMapping(pattern.keys, [outline(p) for p in pattern.patterns], pattern.rest)
    own = {name for _, name in parts}
    found: dict[str, ast.expr] = {}
    _test_natively(b, copy_place(shape, pattern), subject, otherwise, found)
    captures.update({name: value for name, value in found.items() if name not in own})
    for inner, name in parts:
        _test(b, inner, found[name], otherwise, captures)


