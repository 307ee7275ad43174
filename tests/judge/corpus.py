"""The programs on disk, and how one is imported."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["PROGRAMS", "Loadable", "Program", "all_programs", "entity_classes"]

PROGRAMS = Path(__file__).parent.parent / "programs"


class Loadable(Protocol):
    """What can be run as a program."""

    def load(self) -> ModuleType:
        """Import the program anew, so that runs share no class; its source can be inspected."""


@dataclass(frozen=True)
class Program:
    """One program: a module with entity classes, `script(world)`, and `EXPECTED_ERRORS` when requests are to fail."""

    path: Path

    @property
    def name(self) -> str:
        """Folder and file name, as in `loops/for_else`."""
        return f"{self.path.parent.name}/{self.path.stem}"

    def load(self) -> ModuleType:
        """Import the program anew, so that runs share no class; its source can be inspected."""
        module_name = f"program_{self.path.parent.name}_{self.path.stem}"
        spec = importlib.util.spec_from_file_location(module_name, self.path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module
        spec.loader.exec_module(module)
        return module


def all_programs(root: Path = PROGRAMS) -> list[Program]:
    """Return every program below `root`, by name."""
    return [Program(path) for path in sorted(root.glob("*/*.py")) if not path.name.startswith(("_", "test_"))]


def entity_classes(module: ModuleType) -> tuple[type, ...]:
    """Return the entity classes that a program defines, in their order."""
    classes = [item for item in vars(module).values() if isinstance(item, type) and item.__module__ == module.__name__]
    return tuple(cls for cls in classes if vars(cls).get("__stateflow_entity__") is cls)
