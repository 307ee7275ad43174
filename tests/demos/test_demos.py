"""The demos tell the story they promise, and their classes answer, compiled, what CPython answers."""

from __future__ import annotations

import functools
import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.demos.scripts import SCRIPTS
from tests.judge.compiled import Mode, run_compiled
from tests.judge.corpus import Program
from tests.judge.judge import judge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from tests.judge.world import Run

DEMOS = Path(__file__).parents[2] / "demos"

STORIES = {
    "demo_shop": [
        "ann's balance after update_balance(99)                     -> 100",
        "ann.buy_item(2, silver): the balance is too low, refused   -> False",
        "and is rolled back: tea                                    -> {'item_name': 'tea', 'stock': 8, 'price': 3}",
        "The dataflow, as Mermaid:",
    ],
    "bank": [
        "bob cannot pay ann 900.00: ABC-002 lacks 695.00; ann still has 300.00",
        "bob pays whom he can: {'ann': 'paid', 'eve': 'ABC-002 lacks 35.00'}",
        "month 2: interest 3.00, loans returned 120.60, missing {'bob': '41.56'}",
        "-120.60 to loan ABC-L2 = 448.20",
        "no cent is lost: True",
    ],
    "booking": [
        "bob wants the Inn from day 0: full: Inn has no room on day 1",
        "his night and seat were given back: {1: ['ann'], 2: ['ann']}, seats [2]",
        "eve: nothing in Rome for eve; the log is undone as well: ['ann: no failure', 'bob: no failure']",
        "and again: no such reservation",
        "eve gets the place: no. 3: KL1 seat 1, 2 nights at Inn **, 210",
    ],
    "orders": [
        "149 orders, 3 undone for an unused item, 128 payments, 113 deliveries",
        "warehouses hold what their districts took: yes",
        "balances are deliveries less payments: yes",
        "orders have no gap: yes",
        "sold is ordered: yes",
        "stock is filled + refilled - sold: yes",
    ],
}


@dataclass(frozen=True)
class Demo(Program):
    """A demo as a program that the judge can run."""

    def load(self) -> ModuleType:
        module = super().load()
        vars(module)["script"] = functools.partial(SCRIPTS[self.path.stem], module)
        return module


@pytest.fixture
def demos_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(DEMOS))
    yield
    for name in {*STORIES, *SCRIPTS}:
        sys.modules.pop(name, None)


@functools.cache
def judged(demo: Demo) -> tuple[Run, list[tuple[str, Any]]]:
    return judge(demo)


@pytest.mark.usefixtures("demos_path")
@pytest.mark.parametrize("name", STORIES)
def test_demo_tells_its_story(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    importlib.import_module(name).main()
    printed = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert [line for line in STORIES[name] if line not in printed] == []


@pytest.mark.parametrize("mode", list(Mode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", SCRIPTS)
def test_compiled_demo_answers_as_plain_python_does(name: str, mode: Mode) -> None:
    demo = Demo(DEMOS / f"{name}.py")
    expected, known = judged(demo)
    actual = run_compiled(demo, mode, known)
    assert actual.outcomes == expected.outcomes
    assert actual.states == expected.states


@pytest.mark.parametrize(
    ("name", "errors"),
    [
        ("demo_common", {"NotEnoughBalance"}),
        ("bank", {"Overdraft", "ValueError"}),
        ("booking", {"NoChoice", "EntityNotFound"}),
        ("orders", {"EntityNotFound", "LookupError"}),
    ],
)
def test_plain_demo_raises_only_what_its_script_provokes(name: str, errors: set[str]) -> None:
    run, _ = judged(Demo(DEMOS / f"{name}.py"))
    assert {outcome.error_name for outcome in run.outcomes} - {None} == errors


def test_check_of_orders_finds_stock_that_does_not_add_up() -> None:
    run, _ = judged(Demo(DEMOS / "orders.py"))
    right, wrong = (outcome.answer for outcome in run.outcomes if outcome.request == "call check")
    assert "False" not in repr(right)
    assert repr(wrong).count("False") == 1
