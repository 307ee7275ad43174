"""A user's project, in which pytest runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import pytest

import stateflow
from stateflow.entity import _decorated
from stateflow.runtime.local import LocalRuntime

SHOP = """
import random
import time
from datetime import datetime

import stateflow


@stateflow.entity
class Item:
    def __init__(self, name: str, price: int):
        self.name, self.price, self.stock = name, price, 0

    def __key__(self):
        return self.name

    def update_stock(self, amount: int) -> bool:
        if self.stock + amount < 0:
            return False
        self.stock += amount
        return True


@stateflow.entity
class User:
    def __init__(self, name: str):
        self.name, self.balance, self.since = name, 10, datetime.now()

    def __key__(self):
        return self.name

    def buy_item(self, amount: int, item: Item) -> bool:
        price = amount * item.price
        if self.balance < price or not item.update_stock(-amount):
            return False
        self.balance -= price
        return True

    def now(self) -> tuple[datetime, float]:
        return datetime.now(), time.time()

    def draw(self) -> float:
        return random.random()
"""

Run = Callable[..., pytest.RunResult]


@stateflow.entity
class Anything:
    def __key__(self) -> str:
        return "anything"


@pytest.fixture(scope="module", autouse=True)
def imported() -> None:
    """Import all that the engine needs: what is imported while pytest runs within pytest would be forgotten, and imported once more."""
    with LocalRuntime(stateflow.init(Anything)) as runtime, runtime.client(bind=False) as client:
        client.create(Anything).get(timeout=10)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.Pytester]:
    """A project with the module `shop`. The classes that it decorates join no flow of other tests."""
    decorated = list(_decorated)
    monkeypatch.delitem(sys.modules, "shop", raising=False)
    pytester.makepyfile(shop=SHOP)
    pytester.syspathinsert()
    yield pytester
    _decorated[:] = decorated


@pytest.fixture
def run(project: pytest.Pytester) -> Run:
    """Write a test module and run pytest on it."""

    def run(source: str, *args: str) -> pytest.RunResult:
        project.makepyfile(test_shop=source)
        return project.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:schemathesis", *args)

    return run
