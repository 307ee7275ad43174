"""An entity where only an object at hand will do is refused when that is certain; what works with an entity is accepted."""

from __future__ import annotations

import pytest

from tests.unit.compiler.test_checks import method

BEFORE = """
import bisect, copy, pickle, weakref

@stateflow.entity
class Rich:
    def __init__(self, name: str):
        self.name = name
    def __key__(self):
        return self.name
    def __hash__(self):
        return 1
    def __eq__(self, other):
        return True
    def __lt__(self, other):
        return True
    def __iter__(self):
        yield 1
    def keys(self):
        return []
    def __getitem__(self, key):
        return 1

@functools.lru_cache
def worth(item, times=1):
    return item.price * times

def take(**given):
    return given
"""
REFUSED = {
    "return {rich: 1}": "SF328", "return {rich}": "SF328", "return {r: 1 for r in riches}": "SF328", "return {r for r in riches}": "SF328",
    "d: dict[Rich, int] = {}\nd[rich] = 1": "SF328", "d: dict[Rich, int] = {}\nreturn d.get(rich)": "SF328",
    "s: set[Rich] = set()\ns.add(rich)": "SF328", "return {**rich}": "SF328", "return take(**rich)": "SF328",
    "return copy.copy(item)": "SF328", "return copy.deepcopy(self)": "SF328", "return pickle.dumps(item)": "SF328",
    "return weakref.proxy(item)": "SF328", "heapq.heappush([], rich)": "SF328", "bisect.insort([], rich)": "SF328",
    "return worth(item)": "SF328", "return worth(times=2, item=item)": "SF328",
    "for x in rich:\n    pass": "SF315", "return [x for x in rich]": "SF315", "return list(rich)": "SF315", "return [*rich]": "SF315",
    "a, = rich\nreturn a": "SF315", "return sum(rich)": "SF315", "yield from rich": "SF315",
}  # fmt: skip
ACCEPTED = (
    "return worth(3)",
    "return {item: 1}[item]", "return {item, item}", "d: dict[Item, int] = {}\nd[item] = 1", "return {'a': rich}",
    "return [rich] == [rich]",
    "return copy.deepcopy(item.tags)", "return copy.copy(self.name)", "return pickle.dumps([1])", "return {**{'a': 1}}",
    "return take(**{'a': 1})",
    "return max(riches)", "return rich == rich", "return hash(rich.name)", "return [r for r in riches]", "return heapq.nsmallest(1, [1])",
)  # fmt: skip


def in_method(body: str) -> list[str]:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    found = method(f"def f(self, item: Item, rich: Rich, riches: list[Rich]):\n{lines}", before=BEFORE)
    return [code for code in found if code != "SF404"]


@pytest.mark.parametrize("body", REFUSED)
def test_entity_that_must_be_at_hand_is_refused(body: str) -> None:
    assert in_method(body) == [REFUSED[body]]


@pytest.mark.parametrize("body", ACCEPTED)
def test_entity_used_as_a_value_is_accepted(body: str) -> None:
    assert in_method(body) == []


def test_generator_of_the_entity_itself_is_accepted() -> None:
    assert method("def __iter__(self):\n    yield 1\ndef f(self):\n    return list(self), [x for x in self]") == []
