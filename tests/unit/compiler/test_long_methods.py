"""What the compiler does grows with the length of a method, not faster."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING, Any

import pytest

import stateflow

if TYPE_CHECKING:
    from pathlib import Path

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


def calls_of_prepare(step: str, points: int, folder: Path) -> int:
    """Return how many calls of Python functions and methods preparing a method with so many suspension points takes."""
    name = f"long_{abs(hash(step))}_{points}"
    path = folder / f"{name}.py"
    path.write_text(HEAD + "".join(step.format(a=n % 7, b=(n + 1) % 7) for n in range(points)) + "        return x0\n")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    flow = stateflow.init(module.Item, module.User)
    count = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        flow.prepare()
    finally:
        sys.setprofile(None)
        del sys.modules[name]
    return count


@pytest.mark.parametrize("shape", SHAPES)
def test_the_work_of_preparing_a_method_grows_with_its_suspension_points(shape: str, tmp_path: Path) -> None:
    # The first one also prepares what all flows of a process share.
    _, short, long = (calls_of_prepare(SHAPES[shape], points, tmp_path) for points in (2, 50, 400))
    assert long < short * 8.5
