"""The workloads' classes, compiled: as they are, and as a later version of their code has them."""

from __future__ import annotations

import functools
import inspect
import linecache
import sys
from importlib.abc import ExecutionLoader
from importlib.util import module_from_spec, spec_from_loader
from types import ModuleType
from typing import TYPE_CHECKING

import stateflow
from stateflow.histories.workloads import CLASSES, observed, orders, shop, transfers, trees

if TYPE_CHECKING:
    from stateflow.dataflow import Dataflow

__all__ = ["first_edition", "second_edition"]

# In their order of import. The later code answers the same, in other words: of each kind of function one has changed, so that transactions
# meet it in every state. A transaction that was inside a changed method cannot go on; it must end with an error, without effects.
_CHANGES: dict[ModuleType, list[tuple[str, str]]] = {
    observed: [
        ('(self.label, self.version, self.writer, "look")', '(self.label, self.version, self.writer, "look"[:])'),
        ("        self.version += 1\n", "        self.version = self.version + 1\n"),
    ],
    transfers: [
        ("        if self.coins < 0:\n", "        is_poor = self.coins < 0\n        if is_poor:\n"),
        ("    def balance(self)", "    def is_of(self, owner: str) -> bool:\n        return self.owner == owner\n\n    def balance(self)"),
    ],
    shop: [("        self.balance -= amount * price\n", "        cost = amount * price\n        self.balance -= cost\n")],
    orders: [("        self.balance -= amount\n", "        self.balance = self.balance - amount\n")],
    trees: [("        load = \"x\" * size\n", "        load = size * \"x\"\n")],
}


@functools.cache
def first_edition() -> Dataflow:
    """Return the dataflow of the workloads, compiled once in a process."""
    return stateflow.init(*CLASSES)


@functools.cache
def second_edition() -> Dataflow:
    """Return the dataflow that an upgrade brings, compiled once in a process."""
    former = {module.__name__: module for module in _CHANGES}
    try:
        later = {name: _change(module, _CHANGES[module]) for name, module in former.items()}
        return stateflow.init(*(getattr(later[cls.__module__], cls.__qualname__) for cls in CLASSES))
    finally:
        sys.modules.update(former)


class _Edition(ExecutionLoader):
    """Loads a module from its source with changes. There is no file of it, and `inspect` finds the text all the same."""

    def __init__(self, module: ModuleType, changes: list[tuple[str, str]]) -> None:
        self._text = inspect.getsource(module)
        for old, new in changes:
            assert old in self._text, f"{module.__name__} has no {old!r}"
            self._text = self._text.replace(old, new)

    def get_filename(self, fullname: str) -> str:
        """Return what stands for a file."""
        return f"<second edition of {fullname}>"

    def get_source(self, fullname: str) -> str:
        """Return the changed text."""
        return self._text


def _change(module: ModuleType, changes: list[tuple[str, str]]) -> ModuleType:
    """Run the source of a module with changes, as the module of the same name, which the next ones then import."""
    name = module.__name__
    loader = _Edition(module, changes)
    spec = spec_from_loader(name, loader)
    assert spec is not None
    file, text = loader.get_filename(name), loader.get_source(name)
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    later = sys.modules[name] = module_from_spec(spec)
    loader.exec_module(later)
    return later
