"""Golden cases on control-flow graphs: files with a source and the texts of its graph.

A case has sections that begin with `=== name`. The first, `=== source`, holds a whole module whose first line is `# method Class.name`, or only
a method, which then belongs to a class `User` beside the entity class `Item` of `PRELUDE`.
"""

from __future__ import annotations

import itertools
import linecache
import sys
import textwrap
import types
from typing import TYPE_CHECKING

from stateflow.compiler.frontend.functions import lower_function
from stateflow.compiler.pipeline import analyse
from stateflow.compiler.program import Program
from stateflow.entity import is_entity

if TYPE_CHECKING:
    from pathlib import Path

    from stateflow.compiler.ir import FunctionIR

__all__ = ["check_case", "lowered", "read_case"]

PRELUDE = """\
from __future__ import annotations
import asyncio
import functools
import random
import time
from typing import Any
import stateflow

@stateflow.entity
class Item:
    def __init__(self, name: str, price: int):
        self.name, self.price, self.stock = name, price, 0
    def __key__(self):
        return self.name
    def update(self, amount: int) -> bool:
        self.stock += amount
        return self.stock >= 0
    async def refill(self, amount: int) -> int:
        return self.stock + amount
    @property
    def value(self) -> int:
        return self.price * self.stock

def worth(item: Item) -> int:
    return item.price * item.stock

@stateflow.entity
class User:
    def __init__(self, name: str):
        self.name, self.balance, self.seen = name, 0, []
    def __key__(self):
        return self.name

"""
_numbers = itertools.count(1)


def read_case(path: Path) -> dict[str, str]:
    """Return the sections of a case by name."""
    sections: dict[str, str] = {}
    for part in path.read_text().split("=== ")[1:]:
        name, _, text = part.partition("\n")
        sections[name] = text.rstrip("\n") + "\n"
    return sections


def lowered(source: str) -> list[FunctionIR]:
    """Return the graphs, before any pass, of the method that a source is about and of the functions inside it."""
    first = source.splitlines()[0]
    name = first.removeprefix("# method ")
    if not first.startswith("# method "):
        name = f"User.{source.split('def ')[1].split('(')[0]}"
        source = PRELUDE + textwrap.indent(source, "    ")
    program = Program(_entities(source))
    analyse(program)
    unit = next(u for u in program.units.values() if u.qualname == name)
    return [lower_function(u, program) for u in list(unit.family()) if u.resumable]


def _entities(source: str) -> list[type]:
    module_name = "shop"
    filename = f"<golden {next(_numbers)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    module = types.ModuleType(module_name)
    module.__file__ = filename
    sys.modules[module_name] = module
    exec(compile(source, filename, "exec", dont_inherit=True), vars(module))
    return [c for c in vars(module).values() if isinstance(c, type) and is_entity(c)]


def check_case(path: Path, expected: dict[str, str], actual: dict[str, str], *, rewrite: bool) -> None:
    """Compare the sections of a case with what came out, or write them anew."""
    if rewrite:
        path.write_text("\n".join(f"=== {name}\n{text}" for name, text in actual.items()))
        return
    assert actual == expected, f"{path.name} differs; after a look, rewrite it by `make golden`"
