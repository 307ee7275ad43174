"""What cannot be stored is refused when a method certainly keeps it over a suspension, and accepted where it does not."""

from __future__ import annotations

import pytest

from tests.unit.compiler.test_checks import method

BEFORE = """
import collections, contextlib, dataclasses, decimal, enum, io, pathlib, re, threading, types, typing, warnings, weakref
from weakref import ref
LOCK = threading.RLock()
WORD = re.compile("a")

def worth(item: Item) -> int:
    return item.price
"""
KEPT = {
    "r = weakref.ref(self)\nn = item.price\nreturn r": "SF329",
    "r = ref(self)\nn = worth(item)\nreturn r": "SF329",
    "d = weakref.WeakKeyDictionary()\nitem.update(1)\nd[self] = 1": "SF329",
    "m = re.match('a', 'b')\nif m:\n    return item.price + len(m[0])": "SF329",
    "m = WORD.search('a')\nn = item.price\nreturn m": "SF329",
    "s = io.StringIO()\nfor i in range(3):\n    s.write('a')\n    item.update(1)": "SF329",
    "s = object()\nreturn item.price, s": "SF329",
    "v = memoryview(b'a')\nreturn item.price, v[0]": "SF329",
    "with decimal.localcontext() as c:\n    return item.price": "SF329",
    "with warnings.catch_warnings():\n    item.update(1)": "SF329",
    "with contextlib.ExitStack() as stack:\n    item.update(1)": "SF329",
    "with LOCK:\n    item.update(1)": "SF320",
    "s = object()\ntry:\n    item.update(1)\nexcept ValueError:\n    return s": "SF329",
    "self.seen = weakref.WeakSet()": "SF329",
    "T = collections.namedtuple('T', 'a')": "SF313",
    "T = typing.NamedTuple('T', [('a', int)])": "SF313",
    "T = type('T', (), {})": "SF313",
    "T = dataclasses.make_dataclass('T', ['a'])": "SF313",
    "T = enum.Enum('T', 'a b')": "SF313",
}
ACCEPTED = (
    "m = re.match('a', 'b')\nif m is None:\n    return item.price\nreturn m[0]",
    "m = re.match('a', 'b')\nk = m[0]\nreturn item.price, k",
    "n = item.price\nm = re.match('a', 'b')\nreturn m, n",
    "m = None\nm = re.match('a', 'b')\nm = 'a'\nreturn item.price, m",
    "for i in range(3):\n    m = re.match('a', 'b')\n    k = m[0]\n    item.update(1)",
    "with decimal.localcontext() as c:\n    x = decimal.Decimal(1) / 3\nreturn item.price, x",
    "with contextlib.suppress(ValueError):\n    item.update(1)",
    "with contextlib.nullcontext(1) as n:\n    return item.update(n)",
    "m = re.match('a', 'b')\nprice = self.local()\nreturn m",
    "p = re.compile('a')\nn = item.price\nreturn p.match('a')[0]",
    "return type(item), item.price",
    "T = typing.NewType('T', int)\nreturn T(item.price)",
)


def in_method(body: str) -> list[str]:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return method(f"def local(self):\n    return 1\ndef f(self, item: Item):\n{lines}", before=BEFORE)


@pytest.mark.parametrize("body", KEPT)
def test_value_that_cannot_be_stored_is_refused_where_it_is_kept(body: str) -> None:
    assert in_method(body) == [KEPT[body]]


@pytest.mark.parametrize("body", ACCEPTED)
def test_value_that_is_not_kept_is_accepted(body: str) -> None:
    assert in_method(body) == []


def test_open_file_in_a_variable_is_refused_where_it_is_kept() -> None:
    assert in_method("g = open('a')\nitem.update(1)\ng.close()") == ["SF319", "SF409"]
    assert in_method("g = pathlib.Path('a').open()\nitem.update(1)\ng.close()") == ["SF319", "SF409"]
    assert in_method("g = open('a')\ng.close()\nitem.update(1)") == ["SF409"]


def test_error_that_needs_the_analysis_comes_in_one_run_with_one_of_the_shape_of_a_class() -> None:
    before = BEFORE + "@stateflow.entity\nclass Keyless:\n    pass\n"
    assert method("def f(self, item: Item):\n    s = object()\n    return item.price, s", before=before) == ["SF101", "SF329"]
