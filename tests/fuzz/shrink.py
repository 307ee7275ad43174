"""Make a program that differs smaller: leave out runs of statements, unwrap blocks, put a part in the place of an expression."""

from __future__ import annotations

import ast
import copy
import time
from typing import TYPE_CHECKING, Any

from tests.fuzz.compare import difference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.fuzz.compare import Difference

__all__ = ["shrink"]

BUDGET_S = 60
# A part that is left out can be what ends a loop.
_DEADLINE_S = 5
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def shrink(source: str, found: Difference, budget_s: float = BUDGET_S) -> str:
    """Return a smaller program that differs in the same way, the smallest that is found in the given processor time."""
    tree = ast.parse(source)
    deadline = time.process_time() + budget_s
    for reduce in (_drop_statements, _unwrap, _drop_statements, _simplify, _drop_statements):
        progress = True
        while progress:
            progress = False
            for change in reduce(tree):
                if time.process_time() > deadline:
                    return ast.unparse(tree)
                undo = change()
                if undo is None:
                    continue
                if _differs_so(tree, found):
                    progress = True
                else:
                    undo()
    return ast.unparse(tree)


def _differs_so(tree: ast.Module, found: Difference) -> bool:
    try:
        now = difference(ast.unparse(tree), _DEADLINE_S)
    except Exception:  # what is left is no program, such as a nonlocal without its variable
        return False
    # Leaving something out must not bring another difference, such as a name that is undefined.
    return now is not None and (now.mode, now.kind) == (found.mode, found.kind)


def _lists(tree: ast.Module) -> Iterator[tuple[Any, str]]:
    yield tree, "body"
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from ((node, name) for name in _BLOCKS if getattr(node, name, None))


def _drop_statements(tree: ast.Module) -> Iterator[Callable[[], Callable[[], None] | None]]:
    for node, name in list(_lists(tree)):
        size = len(getattr(node, name))
        while size:
            for start in range(len(getattr(node, name)) - size, -1, -size):
                yield lambda start=start, size=size: _drop(node, name, start, size)  # noqa: B023
            size //= 2


def _drop(node: Any, name: str, start: int, size: int) -> Callable[[], None] | None:
    whole = getattr(node, name)
    kept = whole[:start] + whole[start + size :]
    if len(kept) == len(whole) or (len(whole) == 1 and isinstance(whole[0], ast.Pass)):
        return None
    setattr(node, name, kept or ([ast.Pass()] if name == "body" else []))
    return lambda: setattr(node, name, whole)


def _unwrap(tree: ast.Module) -> Iterator[Callable[[], Callable[[], None] | None]]:
    for node, name in list(_lists(tree)):
        for child in list(getattr(node, name)):
            if isinstance(child, ast.stmt) and isinstance(getattr(child, "body", None), list) and not isinstance(child, ast.ClassDef):
                yield lambda child=child: _replace_by_body(node, name, child)  # noqa: B023


def _replace_by_body(node: Any, name: str, child: Any) -> Callable[[], None] | None:
    whole = getattr(node, name)
    if child not in whole:
        return None
    at = whole.index(child)
    setattr(node, name, [*whole[:at], *child.body, *whole[at + 1 :]])
    return lambda: setattr(node, name, whole)


def _simplify(tree: ast.Module) -> Iterator[Callable[[], Callable[[], None] | None]]:
    for node in list(ast.walk(tree)):
        for field, value in list(ast.iter_fields(node)):
            if isinstance(value, ast.expr) and not isinstance(value, ast.Constant | ast.Name) and field != "target":
                for smaller in [ast.Constant(1), *(n for n in ast.iter_child_nodes(value) if isinstance(n, ast.expr))]:
                    yield lambda field=field, value=value, smaller=smaller: _replace(node, field, value, smaller)  # noqa: B023
            elif isinstance(value, list) and value and isinstance(value[0], ast.expr) and field != "targets":
                for index in range(len(value)):
                    yield lambda field=field, index=index: _shorten(node, field, index)  # noqa: B023


def _replace(node: Any, field: str, value: ast.expr, smaller: ast.expr) -> Callable[[], None] | None:
    if getattr(node, field) is not value:
        return None
    setattr(node, field, copy.deepcopy(smaller))
    return lambda: setattr(node, field, value)


def _shorten(node: Any, field: str, index: int) -> Callable[[], None] | None:
    whole = getattr(node, field)
    if index >= len(whole):
        return None
    setattr(node, field, whole[:index] + whole[index + 1 :])
    return lambda: setattr(node, field, whole)
