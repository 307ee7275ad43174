"""What the compiler does grows with the length of a method, not faster."""

from __future__ import annotations

import importlib.util
import itertools
import sys
from typing import TYPE_CHECKING, Any

import pytest

import stateflow
from stateflow.limits import NESTED_SYNTAX

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stateflow.dataflow import Dataflow

_numbers = itertools.count(1)
HEAD = """
import stateflow

@stateflow.entity
class Item:
    def __init__(self, name: str):
        self.name, self.price = name, 1
    def __key__(self) -> str:
        return self.name

@stateflow.entity
class User:
    def __init__(self, name: str):
        self.name, self.total = name, 0
    def __key__(self) -> str:
        return self.name
    def run(self, item: Item) -> int:
        x0 = x1 = x2 = x3 = x4 = x5 = x6 = 0
"""
SHAPES = {
    "loops": "        for x{a} in range(3):\n            x{b} += item.price\n",
    "statements": "        x{a} = item.price + x{b}\n",
    "attributes": "        self.total += item.price * x{a}\n",
    "conditions": "        if item.price > x{a}:\n            x{b} += 1\n",
    "handlers": "        try:\n            x{a} = item.price + x{b}\n        except ValueError:\n            x1 = x2\n",
}


def compiled(body: str, folder: Path) -> Dataflow:
    """Return the dataflow of a program whose method `run` has a body."""
    name = f"long_{next(_numbers)}"
    path = folder / f"{name}.py"
    path.write_text(HEAD + body + "        return x0\n")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
        return stateflow.init(module.Item, module.User)
    finally:
        del sys.modules[name]


def calls_of_prepare(step: str, points: int, folder: Path) -> int:
    """Return how many calls of Python functions and methods preparing a method with so many suspension points takes."""
    flow = compiled("".join(step.format(a=n % 7, b=(n + 1) % 7) for n in range(points)), folder)
    count = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        flow.prepare()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("shape", SHAPES)
def test_the_work_of_preparing_a_method_grows_with_its_suspension_points(shape: str, tmp_path: Path) -> None:
    # The first one also prepares what all flows of a process share.
    _, short, long = (calls_of_prepare(SHAPES[shape], points, tmp_path) for points in (2, 50, 400))
    assert long < short * 8.5


def in_depth(calls: int, function: Callable[[], None]) -> None:
    """Call a function below so many other calls."""
    if calls:
        in_depth(calls - 1, function)
    else:
        function()


@pytest.mark.parametrize(("first", "step"), [
    ("        x1 = item.price\n", "        x1 = x1{}\n"),
    ("        if x1: pass\n", "{}"),
])  # fmt: skip
def test_a_method_near_the_limit_of_nesting_is_compiled_below_many_calls(first: str, step: str, tmp_path: Path) -> None:
    levels = NESTED_SYNTAX - 15
    repeated = " + item.price" * levels if "{}\n" in step else "".join(f"        elif item.price > {n}: x2 = {n}\n" for n in range(levels))
    body = first + step.format(repeated)
    before = sys.getrecursionlimit()
    in_depth(600, lambda: compiled(body, tmp_path).prepare())
    assert sys.getrecursionlimit() == before


def test_a_method_over_the_limit_of_nesting_is_refused_however_deep_it_is(tmp_path: Path) -> None:
    for levels in (NESTED_SYNTAX, 4 * NESTED_SYNTAX):
        with pytest.raises(stateflow.CompileError, match=r"SF330: `User\.run` nests statements or expressions deeper than"):
            compiled(f"        x1 = x1{' + item.price' * levels}\n", tmp_path)
