"""A change of an object that the module holds is refused under whatever name it reaches it; a change of a copy is not."""

from __future__ import annotations

import pytest

from tests.unit.compiler.test_checks import method

BEFORE = """
import collections, heapq, itertools, operator
L, ROWS, D, NUMBERS = [], [[1], [2]], {"a": [1]}, (1, 2)
COUNT = itertools.count()

class Entry:
    def mark(self):
        self.marked = True

class Total:
    def __init__(self):
        self.seen = []
    def add(self, x):
        self.note(x)
    def note(self, x):
        self.seen.append(x)
    def size(self):
        return len(self.seen)

TOTAL = Total()
TABLE = {"x": TOTAL, "rest": [Entry()]}

def put(where, what):
    where.append(what)

def put_through(what, *, where):
    put(where, what)

def size(where):
    return len(where)

def rows():
    return ROWS

def same(x):
    return x

def make():
    kept, count = [], 0
    def inner():
        kept.append(1)
        return len(kept)
    def counting():
        nonlocal count
        count += 1
        return count
    def reading():
        return len(kept) + count
    return inner, counting, reading

INNER, COUNTING, READING = make()
GROUPS = collections.defaultdict(list)
DRAWN = (n for n in [1, 2])

class Box:
    def __init__(self):
        self.inner, self.n = Total(), 0

class Answer:
    def __get__(self, instance, owner):
        return []

BOX = Box()

class Tagged:
    TAGS, OWN = [[]], []
    BOX, ANSWER = Box(), Answer()
    def __init__(self):
        self.OWN = []

@stateflow.entity
class Shop(Tagged):
    def __key__(self):
        return 's'
"""
CHANGES = (
    "x = L\nx.append(1)", "x = y = L\ny.append(1)", "x, y = L, 1\nx.append(1)", "(x := L).append(1)", "x = L\nx += [1]",
    "x = L\nx[0] = 1", "x = L\nx[0] += 1",
    "x = L\ndel x[0]", "for x in ROWS:\n    x.append(1)", "for i, x in enumerate(ROWS):\n    x.append(1)",
    "for k, v in D.items():\n    v.append(k)", "[x.append(1) for x in ROWS]", "D.get('a').append(1)", "D['a'].append(1)",
    "x = L if self.name else []\nx.append(1)", "x = None\nif self.name:\n    x = L\nelse:\n    x = []\nx.append(1)",
    "try:\n    x = L\nexcept ValueError:\n    x = []\nx.append(1)", "x = []\nfor i in range(2):\n    x.append(1)\n    x = L",
    "heapq.heappush(L, 1)", "random.shuffle(ROWS)", "operator.setitem(L, 0, 1)", "next(COUNT)", "a = L.append\na(1)",
    "list(map(L.append, [1]))", "put(L, 1)", "put_through(1, where=L)", "put(rows(), 1)", "rows()[0].append(1)", "same(L).append(1)",
    "TOTAL.add(1)", "TOTAL.seen.append(1)", "t = TOTAL\nt.add(1)", "def g():\n    L.append(1)\ng()", "f = lambda: put(L, 1)",
    "BOX.inner.seen = []", "TABLE['x'].add(1)", "t = TABLE['x']\nt.add(1)", "TABLE['rest'][0].mark()",
    "for t in TABLE['rest']:\n    t.mark()",
    "BOX.inner.add(1)", "b = BOX.inner\nb.seen = []", "INNER()", "GROUPS['a']", "GROUPS['a'].append(1)",
    "for n in DRAWN:\n    return n", "list(DRAWN)", "sum(DRAWN)",
    "x = L\nwith contextlib.suppress(ValueError):\n    x.append(1)", "setattr(TOTAL, 'seen', [])",
)  # fmt: skip
HARMLESS = (
    "x = L\nx = list(x)\nx.append(1)", "x = list(L)\nx.append(1)", "x = L[:]\nx.append(1)", "x = L + [1]\nx.append(2)",
    "L = []\nL.append(1)",
    "x = L\nif self.name:\n    x = []\n    x.append(1)", "for x in NUMBERS:\n    x += 1", "x = D['a'][0]\nx += 1", "return size(L)",

    "return TOTAL.size()", "return TABLE['x'].size()", "return same(L)", "t = Total()\nt.add(1)", "put([], 1)",
    "x = dict(D)\nx['a'] = 1", "return sorted(ROWS)",
    "READING()", "GROUPS.get('a')", "return 'a' in GROUPS",
    "return max(L, default=0)", "return [len(x) for x in ROWS]", "for x in list(L):\n    x = []\n    x.append(1)",
)  # fmt: skip


def in_method(body: str) -> list[str]:
    return method("def f(self):\n" + "".join(f"    {line}\n" for line in body.splitlines()), before=BEFORE)


@pytest.mark.parametrize("body", CHANGES)
def test_change_of_what_the_module_holds_is_refused(body: str) -> None:
    assert set(in_method(body)) == {"SF302"}


@pytest.mark.parametrize("body", HARMLESS)
def test_change_of_a_copy_is_accepted(body: str) -> None:
    assert in_method(body) == []


def test_recursive_function_that_changes_its_parameter_is_followed_to_its_end() -> None:
    before = BEFORE + "def fill(where, n):\n    if n:\n        fill(where, n - 1)\n    where.append(n)\n"
    assert method("def f(self):\n    fill(L, 3)\n    fill([], 3)\n", before=before) == ["SF302"]


@pytest.mark.parametrize("body", ["self.x = L", "self.x, self.y = L, 1", "x = D\nself.x = x"])
def test_container_of_the_module_kept_in_an_attribute_is_warned_about(body: str) -> None:
    assert in_method(body) == ["SF416"]


def test_default_that_is_a_container_of_the_module_is_warned_about() -> None:
    assert method("def f(self, x=L):\n    return len(x)", before=BEFORE) == ["SF401"]


@pytest.mark.parametrize(("body", "code"), [
    ("setattr(Item, 'x', 1)", "SF303"), ("setattr(type(self), 'x', 1)", "SF303"), ("delattr(Item, 'tags')", "SF303"),
    ("setattr(os, 'x', 1)", "SF301"), ("setattr(put, 'x', 1)", "SF302"), ("self.__class__ = Item", "SF327"),
    ("Item.by_key('a').__class__ = User", "SF327"),
])  # fmt: skip
def test_change_of_a_class_by_a_function_is_refused(body: str, code: str) -> None:
    assert in_method(body) == [code]


def in_shop(body: str) -> list[str]:
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    head = "@stateflow.entity\nclass Other(Tagged):\n    def __key__(self):\n        return 'o'\n    def f(self):\n"
    return method("pass", before=f"{BEFORE}{head}{lines}")


@pytest.mark.parametrize("body", [
    "self.TAGS.append(1)", "x = self.TAGS\nx.append(1)", "for x in self.TAGS:\n    x.append(1)",
    "put(self.TAGS, 1)", "self.TAGS[0].append(1)",
    "self.BOX.n = 1",
    "self.BOX.inner.add(1)", "self.BOX.inner.seen.append(1)", "b = self.BOX\nb.n += 1",
    "type(self).TAGS.append(1)", "self.__class__.TAGS.append(1)", "Tagged.TAGS.append(1)",
])  # fmt: skip
def test_change_of_a_container_that_the_class_holds_is_refused(body: str) -> None:
    assert in_shop(body) == ["SF304"]


@pytest.mark.parametrize("body", ["self.OWN.append(1)", "put(self.OWN, 1)", "x = list(self.TAGS)\nx.append(1)", "return len(self.TAGS)",
                                  "self.ANSWER.append(1)", "return self.BOX.n"])  # fmt: skip
def test_change_of_what_each_object_has_is_accepted(body: str) -> None:
    assert in_shop(body) == []


def test_container_of_the_class_that_is_added_to_in_place_is_refused() -> None:
    assert in_shop("self.TAGS += [1]") == ["SF304"]


def test_variable_around_a_function_that_it_assigns_is_refused() -> None:
    assert in_method("COUNTING()") == ["SF301"]
