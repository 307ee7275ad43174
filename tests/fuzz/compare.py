"""Run a generated program by CPython and compiled, and shrink one that differs."""

from __future__ import annotations

import ast
import copy
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from tests.judge.compiled import Mode, run_compiled
from tests.judge.corpus import Program
from tests.judge.judge import judge

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["difference", "shrink"]


def difference(source: str) -> str | None:
    """Return how the compiled form of a program differs from CPython; None when it does not."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        path = Path(folder) / "generated.py"
        path.write_text(source)
        program = Program(path)
        expected, known = judge(program)
        for mode in Mode:
            try:
                actual = run_compiled(program, mode, known)
            except Exception as error:
                return f"{mode.value}: {type(error).__name__}: {error}"
            for got, wanted in zip(actual.outcomes, expected.outcomes, strict=True):
                if got != wanted:
                    return f"{mode.value}: got {got}, CPython {wanted}"
            if actual.states != expected.states:
                return f"{mode.value}: states {actual.states}, CPython {expected.states}"
    return None


def shrink(source: str) -> str:
    """Return a smaller program that still differs, by leaving statements of `Runner.run` out one after another."""
    tree = ast.parse(source)
    smaller = True
    while smaller:
        smaller = False
        for candidate in _candidates(tree):
            text = ast.unparse(candidate)
            if _still_differs(text):
                tree, smaller = candidate, True
                break
    return ast.unparse(tree)


def _still_differs(text: str) -> bool:
    try:
        compile(text, "generated", "exec")
        found = difference(text)
        # A smaller program must not fail for another reason: leaving a statement out may leave a name undefined.
        return found is not None and "CompileError" not in found and "NameError" not in found and "UnboundLocal" not in found
    except Exception:
        return False


def _candidates(tree: ast.Module) -> Iterator[ast.Module]:
    count = sum(1 for _ in _bodies(tree))
    for number in range(count):
        length = len(_nth_body(tree, number))
        for index in range(length):
            smaller = copy.deepcopy(tree)
            body = _nth_body(smaller, number)
            inner = getattr(body[index], "body", [])
            del body[index]
            if not body:
                body.append(ast.Pass())
            yield smaller
            if inner and not isinstance(inner, ast.AST):
                unwrapped = copy.deepcopy(tree)
                around = _nth_body(unwrapped, number)
                around[index : index + 1] = around[index].body  # type: ignore[attr-defined]
                yield unwrapped


def _bodies(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    run = next(
        f for c in tree.body if isinstance(c, ast.ClassDef) and c.name == "Runner" for f in c.body if getattr(f, "name", "") == "run"
    )
    for node in ast.walk(run):
        for name in ("body", "orelse", "finalbody"):
            statements = getattr(node, name, None)
            if isinstance(statements, list) and statements:
                yield statements


def _nth_body(tree: ast.Module, number: int) -> list[ast.stmt]:
    return next(body for i, body in enumerate(_bodies(tree)) if i == number)
