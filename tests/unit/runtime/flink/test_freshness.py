"""A worker that outlives jobs imports the user's modules anew when, and only when, one of them has changed."""

from __future__ import annotations

import importlib
import linecache
import sys
from typing import TYPE_CHECKING

import pytest

from stateflow.runtime.flink import freshness
from stateflow.runtime.flink.freshness import importing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType


@pytest.fixture(autouse=True)
def own_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Look at the modules of the case only: the tests' own are the user's too."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(freshness, "is_user_code", lambda file: file.startswith(str(tmp_path)))
    monkeypatch.setattr(freshness, "_known", {})
    yield
    for name in [name for name, module in sys.modules.items() if str(getattr(module, "__file__", "")).startswith(str(tmp_path))]:
        del sys.modules[name]


def load() -> ModuleType:
    with importing({"till"}):
        return importlib.import_module("till")


def write(folder: Path, till: str, coin: str) -> None:
    # Sizes differ: within a second the cache of compiled files would take the old one for current.
    (folder / "till.py").write_text(f"from coin import WORTH\nNAME = {till!r}\n")
    (folder / "coin.py").write_text(f"WORTH = {coin!r}\n")


def test_modules_are_the_same_while_their_files_are(tmp_path: Path) -> None:
    write(tmp_path, "first", "one")
    first = load()
    assert load() is first


def test_changed_module_is_imported_anew(tmp_path: Path) -> None:
    write(tmp_path, "first", "one")
    load()
    write(tmp_path, "second try", "one")
    assert load().NAME == "second try"


def test_module_is_imported_anew_when_what_it_imports_has_changed(tmp_path: Path) -> None:
    write(tmp_path, "first", "one")
    load()
    write(tmp_path, "first", "one hundred")
    assert load().WORTH == "one hundred"


def test_text_that_a_failed_import_has_left_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "till.py").write_text("raise ValueError('closed')\n")
    with pytest.raises(ValueError, match="closed"):
        load()
    assert linecache.getline(str(tmp_path / "till.py"), 1) == "raise ValueError('closed')\n"
    write(tmp_path, "first", "one")
    load()
    assert linecache.getline(str(tmp_path / "till.py"), 2) == "NAME = 'first'\n"


def test_module_whose_import_failed_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "till.py").write_text("import coin\n")
    with pytest.raises(ModuleNotFoundError):
        load()
    write(tmp_path, "first", "one")
    assert load().NAME == "first"
