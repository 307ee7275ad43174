"""Which files the compiler takes for the user's own."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

import stateflow
from stateflow.compiler import user_code
from stateflow.runtime.local import LocalRuntime

if TYPE_CHECKING:
    from pathlib import Path

_ENTITIES = """
import stateflow
from {package}.prices import total

@stateflow.entity
class Till:
    def __init__(self, name: str):
        self.name, self.coins = name, 3

    def __key__(self):
        return self.name

    def count(self, others: "list[Till]") -> int:
        return total(others)
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with entity classes, in a folder of installed packages."""
    package = tmp_path / f"installed_for_{tmp_path.name}"
    (package / "entities").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "entities" / "__init__.py").write_text("")
    (package / "entities" / "till.py").write_text(_ENTITIES.format(package=package.name))
    (package / "prices.py").write_text("def total(tills):\n    return sum(till.coins for till in tills)\n")
    (tmp_path / "other.py").write_text("")
    monkeypatch.setattr(user_code, "_LIBRARY", (*user_code._LIBRARY, str(tmp_path.resolve())))
    monkeypatch.syspath_prepend(str(tmp_path))
    return package.name


def test_classes_of_an_installed_package_are_compiled_with_the_functions_of_their_package(installed: str) -> None:
    till = importlib.import_module(f"{installed}.entities.till").Till
    with LocalRuntime(stateflow.init(till)) as runtime, runtime.client() as client:
        one, two = client.create(till, "a").get(), client.create(till, "b").get()
        assert client.call(one, "count", [one, two]).get() == 6


def test_other_installed_packages_stay_what_they_are(installed: str, tmp_path: Path) -> None:
    till = importlib.import_module(f"{installed}.entities.till").Till
    files = user_code.UserCode([till])
    assert str(tmp_path / installed / "prices.py") in files
    assert str(tmp_path / "other.py") not in files
    assert str(sys.modules["json"].__file__) not in files
    assert user_code.__file__ not in files
