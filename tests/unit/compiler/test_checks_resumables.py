"""What suspends where it cannot is refused also when the call of the other entity is in another function; what works is accepted."""

from __future__ import annotations

import itertools
import linecache
import sys
import types

import pytest

import stateflow
from stateflow.compiler.checks import check_classes
from stateflow.compiler.diagnostics import DiagnosticBag
from stateflow.entity import is_entity
from stateflow.runtime.local import LocalRuntime

SHOP = """
from __future__ import annotations
import contextlib, functools, heapq, itertools
import stateflow

@stateflow.entity
class Item:
    def __init__(self, name: str):
        self.name, self.price = name, 1
    def __key__(self):
        return self.name
    def cost(self) -> int:
        return self.price

class Offer:
    def __init__(self, price: int):
        self.price = price

def worth(item: Item) -> int:
    return item.price

@contextlib.contextmanager
def plain():
    yield 1

@contextlib.contextmanager
def opened(item: Item):
    yield item.cost()

@stateflow.entity
class User:
    def __init__(self, name: str, item: Item):
        self.name, self.item = name, item
    def __key__(self):
        return self.name
    def helper(self) -> int:
        return Item.by_key("a").cost()
    @property
    def total(self) -> int:
        return self.helper()
"""
REFUSED = [
    ("SF314", "def run(self, item: Item):\n    try:\n        item.cost()\n    except* ValueError:\n        pass"),
    ("SF314", "def run(self):\n    for i in range(3):\n        self.item.cost()\n"
     "        try:\n            break\n        except* ValueError:\n            i = 0"),
    ("SF314", "def run(self):\n    try:\n        self.item.cost()\n"
     "        try:\n            return 1\n        except* ValueError:\n            pass\n    finally:\n        pass"),
    ("SF324", "async def run(self):\n    yield 1"),
    ("SF324", "async def run(self):\n    async def steps():\n        yield 1\n    return [x async for x in steps()]"),
    ("SF324", "async def run(self, items: list):\n    return sum(i for i in items if await i.later())"),
    ("SF324", "async def run(self, items: list):\n    return [x async for x in (await i.later() for i in items)]"),
    ("SF316", "@functools.cached_property\ndef run(self):\n    return self.helper()"),
    ("SF316", "@functools.cached_property\ndef run(self):\n    return self.total"),
    ("SF317", "def run(self, items: list):\n    return heapq.nlargest(2, items, key=worth)"),
    ("SF317", "def run(self, items: list[Item]):\n    return heapq.nlargest(2, items, key=lambda i: i.price)"),
    ("SF317", "def run(self, n: int):\n    return list(itertools.takewhile(lambda i: self.helper() > i, range(n)))"),
    ("SF317", "def run(self, items: list[Item]):\n    return heapq.nlargest(2, (i.price for i in items))"),
    ("SF317", "def run(self, items: list):\n    return heapq.nlargest(2, items, key=functools.partial(worth))"),
    ("SF317", "def run(self, items: list):\n    return heapq.nlargest(2, items, key=User.helper)"),
    ("SF318", "def run(self):\n    with plain():\n        return self.total"),
    ("SF318", "def run(self, item: Item):\n    with opened(item):\n        return 1"),
    ("SF319", "def run(self):\n    with open('x') as file:\n        return self.helper(), file"),
]  # fmt: skip
ACCEPTED = [
    "def run(self):\n    self.item.cost()\n"
    "    try:\n        raise ExceptionGroup('a', [ValueError()])\n    except* ValueError:\n        pass",
    "def run(self):\n    for i in range(3):\n        self.item.cost()\n"
    "        try:\n            for j in range(2):\n                break\n"
    "        except* ValueError:\n            pass",
    "@functools.cached_property\ndef run(self):\n    return self.name * 2",
    "def run(self, offers: list):\n    return heapq.nlargest(2, offers, key=lambda o: o.price)",
    "def run(self, offers: list[Offer]):\n    return heapq.nlargest(2, offers, key=lambda o: o.price)",
    "def run(self, items: list[Item]):\n    return sorted(items, key=worth), sum(i.price for i in items)",
    "def run(self, items: list[Item]):\n    return heapq.nlargest(2, [i.price for i in items])",
    "def run(self):\n    with plain():\n        x = 1\n    return self.helper() + x",
    "def run(self, items: list[Item]):\n    def steps():\n        for i in items:\n            yield i.price\n    return list(steps())",
]
_numbers = itertools.count(1)


def shop(method: str) -> list[type]:
    source = SHOP + "".join(f"    {line}\n" for line in method.splitlines())
    filename = f"<resumables {next(_numbers)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    module = types.ModuleType("resumables_shop")
    module.__file__ = filename
    sys.modules["resumables_shop"] = module
    exec(compile(source, filename, "exec", dont_inherit=True), vars(module))
    return [c for c in vars(module).values() if isinstance(c, type) and is_entity(c)]


def found(bag: DiagnosticBag) -> list[str]:
    return [d.code for d in bag.errors]


@pytest.mark.parametrize(("code", "method"), REFUSED)
def test_what_suspends_where_it_cannot_is_refused_once(code: str, method: str) -> None:
    assert found(check_classes(shop(method))) == [code]


@pytest.mark.parametrize("method", ACCEPTED)
def test_what_works_is_accepted_and_compiles(method: str) -> None:
    classes = shop(method)
    assert found(check_classes(classes)) == []
    stateflow.init(*classes)


def test_finding_of_the_analysis_comes_with_the_other_errors() -> None:
    classes = shop(
        "def run(self, item: Item):\n    item.cosst()\n    exec('')\n    try:\n        self.helper()\n    except* ValueError:\n        pass"
    )
    with pytest.raises(stateflow.CompileError) as refused:
        stateflow.init(*classes)
    assert [d.code for d in refused.value.diagnostics] == ["SF203", "SF305", "SF314"]


def test_span_of_a_finding_is_the_users_own_line() -> None:
    (finding,) = check_classes(shop("def run(self, items: list):\n    return heapq.nlargest(2, items, key=worth)")).errors
    assert finding.source_lines[0][finding.span.column : finding.span.end_column] == "worth"


def test_classes_bound_to_a_client_are_checked_as_before() -> None:
    classes = shop("def run(self):\n    return 1")
    with LocalRuntime(stateflow.init(*classes)).client():
        classes[0]("a")
    assert found(check_classes(classes)) == []
