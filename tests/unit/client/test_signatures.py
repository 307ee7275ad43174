"""A client is told what it could call and its engine does not have; what only the engine has is no difference."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

import stateflow
from stateflow.client.signatures import Signatures, differences, signatures_of

if TYPE_CHECKING:
    from pathlib import Path

_CLASS = """
import stateflow

class Countable:
    def count(self, *, fast: bool = False) -> int:
        return 1

@stateflow.entity
class Item(Countable):
    def __init__(self, name: str, price: int = 3) -> None:
        self.name = name
        self.price = price

    def __key__(self) -> str:
        return self.name

    @property
    def twice(self) -> int:
        return 2 * self.price

    @staticmethod
    def least(amount: int) -> int:
        return amount

    @classmethod
    def greatest(cls, amount: int) -> int:
        return amount

    def update(self, amount: int, /, *others: int) -> int:
        return amount
"""


class Versions:
    """Versions of one module."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0

    def signatures(self, *changes: tuple[str, str], has_former_names: bool = False) -> Signatures:
        text = _CLASS
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        self.count += 1
        name = f"signatures_shop_{self.count}"
        (self.folder / f"{name}.py").write_text(text)
        importlib.invalidate_caches()
        flow = stateflow.init(importlib.import_module(name).Item)
        del sys.modules[name]
        return signatures_of(flow, has_former_names=has_former_names)


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Versions:
    monkeypatch.syspath_prepend(str(tmp_path))
    return Versions(tmp_path)


def test_signatures_are_the_methods_that_clients_call_with_their_parameters(versions: Versions) -> None:
    assert versions.signatures() == {
        "Item": {
            "__init__": "(name, price=...)", "count": "(*, fast=...)", "greatest": "(amount)", "least": "(amount)",
            "update": "(amount, /, *others)", "__partition__": "",
        }
    }  # fmt: skip


_BY_FIRST = ("    def update", "    @staticmethod\n    def __partition__(key):\n        return key[:1]\n\n    def update")
_BY_TWO = ("    def update", "    @staticmethod\n    def __partition__(key):\n        return key[:2]\n\n    def update")
_BY_FIRST_TOO = (_BY_FIRST[0], _BY_FIRST[1].replace("(key)", "(key: str) -> str").replace("[:1]", "[:1]  # the same"))
_ELSEWHERE = "so entities live elsewhere"


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ([_BY_FIRST], [_BY_TWO], (f"Item.__partition__ is another one there, {_ELSEWHERE}",)),
        ([_BY_FIRST], [], (f"Item.__partition__ is here, and not there, {_ELSEWHERE}",)),
        ([], [_BY_FIRST], (f"Item.__partition__ is there, and not here, {_ELSEWHERE}",)),
        ([_BY_FIRST], [_BY_FIRST_TOO], ()),
    ],
)
def test_class_whose_entities_live_elsewhere_is_named(
    versions: Versions, ours: list[tuple[str, str]], theirs: list[tuple[str, str]], found: tuple[str, ...]
) -> None:
    assert differences(versions.signatures(*ours), versions.signatures(*theirs, has_former_names=True)) == found


def test_partition_that_an_engine_of_before_has_not_noted_is_no_difference(versions: Versions) -> None:
    theirs = versions.signatures(has_former_names=True)
    del theirs["Item"]["__partition__"]
    assert differences(versions.signatures(_BY_FIRST), theirs) == ()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ((", /, *others: int", ""), ("Item.update(amount, /, *others) is update(amount) there",)),
        (("def count", "def number"), ("Item.count(*, fast=...) is not there",)),
        (("price: int = 3", "price: int"), ("Item.__init__(name, price=...) is __init__(name, price) there",)),
        (("class Item", "class Thing"), ("class Item is not there",)),
        (("price: int = 3", "price: float = 4"), ()),
        (("    def update", "    def more(self) -> int:\n        return 1\n\n    def update"), ()),
    ],
)  # fmt: skip
def test_what_a_client_could_call_in_vain_is_named(versions: Versions, change: tuple[str, str], found: tuple[str, ...]) -> None:
    if change[0].startswith("class"):
        theirs = {name.replace("Item", "Thing"): methods for name, methods in versions.signatures(has_former_names=True).items()}
    else:
        theirs = versions.signatures(change, has_former_names=True)
    assert differences(versions.signatures(), theirs) == found


def test_former_names_are_known(versions: Versions) -> None:
    renamed = ("    def update", '    @stateflow.renamed("update")\n    def change')
    theirs = versions.signatures(renamed, has_former_names=True)
    assert differences(versions.signatures(), theirs) == ()
    assert differences(versions.signatures(), versions.signatures(renamed)) == ("Item.update(amount, /, *others) is not there",)
