"""The specification's own program, where Item lacks the method that User calls, is refused as STYLE says."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

import pytest

import stateflow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import ModuleType

SHOP = """\
from typing import List
import stateflow

@stateflow.stateflow
class Item:
    def __init__(self, item_name: str, price: int):
        self.item_name: str = item_name
        self.stock: int = 0
        self.price: int = price

    def set_stock(self, amount: int):
        self.stock = amount

    def __key__(self):
        return self.item_name


@stateflow.stateflow
class User:
    def __init__(self, username: str):
        self.username: str = username
        self.balance: int = 1

    def update_balance(self, x: int):
        self.balance += x

    def buy_item(self, amount: int, item: Item) -> bool:
        total_price = amount * item.price

        if self.balance < total_price:
            return False

        # Decrease the stock.
        decrease_stock = item.update_stock(-amount)

        if not decrease_stock:
            return False  # For some reason, stock couldn't be decreased.

        self.balance -= total_price
        return True

    def __key__(self):
        return self.username
"""


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    monkeypatch.chdir(tmp_path)

    def imported(text: str) -> ModuleType:
        (tmp_path / "shop.py").write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location("checked_shop", tmp_path / "shop.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "checked_shop", module)
        spec.loader.exec_module(module)
        return module

    return imported


def test_the_missing_method_is_named_with_its_line_caret_and_fix(load: Callable[[str], ModuleType]) -> None:
    shop = load(SHOP)
    with pytest.raises(stateflow.CompileError) as caught:
        stateflow.init(shop.Item, shop.User)
    assert str(caught.value) == (
        "shop.py:34: error SF203: `User.buy_item` calls `Item.update_stock`, which Item does not define\n"
        "   34 |         decrease_stock = item.update_stock(-amount)\n"
        "      |                               ^^^^^^^^^^^^\n"
        "  why:  item is annotated as Item (shop.py:5); its methods are set_stock\n"
        "  fix:  define Item.update_stock, or call set_stock\n"
        "  docs: docs/reference/errors/SF203.md"
    )


def test_two_errors_come_out_of_one_run(load: Callable[[str], ModuleType]) -> None:
    shop = load(SHOP.replace("amount * item.price", "amount * item.prise"))
    with pytest.raises(stateflow.CompileError) as caught:
        stateflow.init(shop.Item, shop.User)
    assert [(d.code, d.span.line) for d in caught.value.diagnostics] == [("SF204", 28), ("SF203", 34)]


def test_the_program_with_the_method_is_accepted(load: Callable[[str], ModuleType]) -> None:
    shop = load(SHOP.replace("def set_stock", "def update_stock"))
    stateflow.init(shop.Item, shop.User)
