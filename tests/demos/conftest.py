"""Makes the demos importable, and forgets them again: two of them have modules of one name."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

DEMOS = Path(__file__).parents[2] / "demos"


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Import modules of the demos."""
    loaded: list[str] = []

    def import_demo(name: str) -> ModuleType:
        loaded.append(name.partition(".")[0])
        return importlib.import_module(name)

    monkeypatch.syspath_prepend(str(DEMOS))
    yield import_demo
    for name in [name for name in sys.modules if name.partition(".")[0] in loaded]:
        del sys.modules[name]
