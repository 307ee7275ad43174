"""What the statements of a function do, as far as the read-only proof must know."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from stateflow.compiler.analysis import dunders
from stateflow.compiler.analysis.origins import ATOM, STATE, Form, Origin, Value, container, element, join
from stateflow.compiler.trees import children

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.compiler.analysis.read_only_body import Body

__all__ = ["STATEMENTS"]

_PATTERN = frozenset({"__eq__", "__getitem__", "keys", "get"}) | dunders.ITERATION


def _assign(body: Body, node: ast.Assign) -> None:
    value = body.of(node.value)
    for target in node.targets:
        body.assign(target, value)


def _assign_annotated(body: Body, node: ast.AnnAssign) -> None:
    if node.value is not None:
        body.assign(node.target, body.of(node.value))


def _assign_augmented(body: Body, node: ast.AugAssign) -> None:
    target: Any = ast.copy_location(_loaded(node.target), node.target)
    before, value = body.of_all((target, node.value))
    if not isinstance(node.target, ast.Name):
        body.store(node.target, value, "assigns")
    if before.itself is Origin.STATE:
        body.refuse(node, f"{ast.unparse(node)} may change in place what is the state of an entity")
    given = [body.call_dunders(node, names, before, value) for names, _ in dunders.used_by(node)]
    body.put_into(element(value), *given)
    result = ATOM if before.form is value.form is Form.ATOM else join(before, container(value)._replace(form=Form.ANY), *given)
    if isinstance(node.target, ast.Name):
        body.assign(node.target, result)


def _loaded(target: Any) -> Any:
    match target:
        case ast.Name(id=name):
            return ast.Name(name, ast.Load())
        case ast.Attribute(value=value, attr=attr):
            return ast.Attribute(value, attr, ast.Load())
        case _:
            return ast.Subscript(target.value, target.slice, ast.Load())


def _delete(body: Body, node: ast.Delete) -> None:
    for target in node.targets:
        if isinstance(target, ast.Attribute | ast.Subscript):
            body.store(target, ATOM, "deletes")


def _for(body: Body, node: ast.For | ast.AsyncFor) -> None:
    body.assign(node.target, body.iterate(node.iter, body.of(node.iter)))
    body.visit_all((*node.body, *node.orelse))


def _with(body: Body, node: ast.With | ast.AsyncWith) -> None:
    for item in node.items:
        manager = body.of(item.context_expr)
        given = body.call_dunders(node, dunders.CONTEXT, manager)
        if item.optional_vars is not None:
            body.assign(item.optional_vars, join(manager, given))
    body.visit_all(node.body)


def _return(body: Body, node: ast.Return) -> None:
    body.give(body.of(node.value) if node.value is not None else ATOM)


def _raise(body: Body, node: ast.Raise) -> None:
    for part in (node.exc, node.cause):
        if part is not None and body.of(part).itself is Origin.STATE:
            body.refuse(node, "raises an exception that may be the state of an entity, which changes the exception")


def _except(body: Body, node: ast.ExceptHandler) -> None:
    if node.type is not None:
        body.of(node.type)
    if node.name is not None:
        body.learn(body.env, node.name, Value(Origin.FRESH, Origin.STATE, Form.ANY))
    body.visit_all(node.body)


def _match(body: Body, node: ast.Match) -> None:
    subject = body.of(node.subject)
    captured = subject if subject.reach is Origin.FRESH else STATE
    for case in node.cases:
        _pattern(body, case.pattern, captured)
        body.note_syntax(case)
        body.visit_all(([case.guard] if case.guard is not None else []) + case.body)


def _pattern(body: Body, pattern: Any, captured: Value) -> None:
    body.call_dunders(pattern, _PATTERN, captured)
    match pattern:
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            body.learn(body.env, name, captured._replace(form=Form.ANY))
        case ast.MatchClass(patterns=positional, kwd_attrs=names):
            body.closed.call_getters_of(body, pattern, names, captured, with_match_args=bool(positional))
    for part in children(pattern):
        if isinstance(part, ast.pattern):
            _pattern(body, part, captured)
        else:
            body.visit(part)


def _function(body: Body, node: Any) -> None:
    if node.decorator_list:
        body.refuse(node, "makes a decorated function, of which nothing is known")
    body.closed.look_inside(body, node)
    body.learn(body.env, node.name, ATOM)


def _import(body: Body, node: ast.Import | ast.ImportFrom) -> None:
    for alias in node.names:
        body.learn(body.env, alias.asname or alias.name.split(".")[0], STATE)


def _class(body: Body, node: ast.ClassDef) -> None:
    body.refuse(node, "makes a class, of which nothing is known")


STATEMENTS: dict[type, Callable[[Body, Any], None]] = {
    ast.Assign: _assign, ast.AnnAssign: _assign_annotated, ast.AugAssign: _assign_augmented, ast.Delete: _delete, ast.For: _for,
    ast.AsyncFor: _for, ast.With: _with, ast.AsyncWith: _with, ast.Return: _return, ast.Raise: _raise, ast.ExceptHandler: _except,
    ast.Match: _match, ast.FunctionDef: _function, ast.AsyncFunctionDef: _function, ast.Import: _import, ast.ImportFrom: _import,
    ast.ClassDef: _class,
}  # fmt: skip
