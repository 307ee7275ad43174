"""The checks: what they accept, what they refuse, in which order, and how fast."""

from __future__ import annotations

import itertools
import linecache
import sys
import textwrap
import time
import types
from pathlib import Path

import pytest

import stateflow
from stateflow.compiler.checks import check_classes, run_checks
from stateflow.compiler.checks.context import Context
from stateflow.compiler.checks.resumables import check_resumables
from stateflow.compiler.diagnostics import DiagnosticBag
from stateflow.compiler.pipeline import analyse
from stateflow.compiler.program import Program as AnalysedProgram
from stateflow.entity import is_entity
from tests.judge.corpus import Program, all_programs, entity_classes

ITEM = """
import abc, asyncio, contextlib, functools, heapq, os, random, time
from typing import TYPE_CHECKING, Any
import stateflow

@stateflow.entity
class Item:
    def __init__(self, name: str, price: int = 1):
        self.name, self.price = name, price
        self.tags: list[str] = []
    def __key__(self):
        return self.name
    def update(self, amount: int) -> int:
        return amount
    async def refill(self, amount: int) -> int:
        return amount
"""
USER = """
@stateflow.entity
class User:
    def __init__(self, name: str):
        self.name = name
    def __key__(self):
        return self.name
"""
_numbers = itertools.count(1)


def checked(source: str) -> DiagnosticBag:
    """Check the entity classes of a module with this source."""
    return check_classes(loaded(source))


def loaded(source: str) -> list[type]:
    """Return the entity classes of a module with this source."""
    filename = f"<checked {next(_numbers)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    module = types.ModuleType("checked_shop")
    module.__file__ = filename
    sys.modules["checked_shop"] = module
    exec(compile(source, filename, "exec", dont_inherit=True), vars(module))
    return [c for c in vars(module).values() if isinstance(c, type) and is_entity(c)]


def codes(bag: DiagnosticBag) -> list[str]:
    return [d.code for d in bag]


def method(source: str, *, before: str = "") -> list[str]:
    """Return the codes found for one method of User."""
    return codes(checked(ITEM + before + USER + textwrap.indent(textwrap.dedent(source), "    ")))


@pytest.mark.parametrize("program", [pytest.param(p, id=p.name) for p in all_programs()])
def test_no_program_of_the_corpus_is_refused(program: Program) -> None:
    assert check_classes(entity_classes(program.load())).errors == ()


def test_classes_of_the_demos_are_not_refused() -> None:
    demo = Program(Path(__file__).parents[3] / "demos" / "demo_common.py").load()
    assert entity_classes(demo) != ()
    assert check_classes(entity_classes(demo)).errors == ()


ACCEPTED = {
    "a method that only a derived class has": (
        "def f(self, item: Item):\n    return item.special()",
        "@stateflow.entity\nclass Special(Item):\n    def special(self):\n        return 1\n",
    ),
    "a class with __getattr__": (
        "def f(self, open: Open):\n    return open.anything()",
        "@stateflow.entity\nclass Open:\n    def __key__(self):\n        return 'o'\n"
        "    def __getattr__(self, name):\n        return print\n",
    ),
    "a test by hasattr": ("def f(self, item: Item):\n    return item.colour if hasattr(item, 'colour') else None", ""),
    "a handler of AttributeError": (
        "def f(self, item: Item):\n    try:\n        return item.colour\n    except AttributeError:\n        return None", ""),
    "an attribute that another method sets": ("def g(self):\n    self.late = 1\ndef f(self):\n    return self.late", ""),
    "an attribute set from outside": ("def g(self, item: Item):\n    item.extra = 1\ndef f(self, item: Item):\n    return item.extra", ""),
    "a parameter that is bound anew": ("def f(self, item: Item):\n    item = [item]\n    return item.pop()", ""),
    "a nested function that hides the name": ("def f(self, item: Item):\n    return (lambda item: item.upper())('x')", ""),
    "unpacked arguments": ("def f(self, item: Item, args):\n    return item.update(*args)", ""),
    "reading a module's table": ("def f(self):\n    return TABLE['a']", "TABLE = {'a': 1}\n"),
    "a local list of a module's name": ("def f(self):\n    TABLE = []\n    TABLE.append(1)\n    return TABLE", "TABLE = []\n"),
    "vars of a value": ("def f(self, value):\n    return vars(value)", ""),
    "a local function called open": ("def f(self, open):\n    return open('x')", ""),
    "the clock and random numbers of the request": ("def f(self):\n    return time.time() + random.random()", ""),
    "gather": ("async def f(self, item: Item):\n    return await asyncio.gather(item.refill(1), item.refill(2))", ""),
    "a lambda for sorted": ("def f(self, items: list[Item]):\n    return sorted(items, key=lambda i: i.price)", ""),
    "a local cached property": ("@functools.cached_property\ndef f(self):\n    return len(self.name)", ""),
    "a decorator of the module": (
        "@logged\ndef f(self):\n    return 1",
        "def logged(function):\n    @functools.wraps(function)\n    def inner(*args):\n        return function(*args)\n    return inner\n",
    ),
    "a generator method of its own class": ("def each(self):\n    yield 1\ndef f(self):\n    return list(self.each())", ""),
    "an import for type checkers only": ("def f(self, other: Other):\n    return other", "from __future__ import annotations\n"),
    "an own get on a plain result": ("def f(self, item: Item):\n    return {'a': item.price}.get('a')", ""),
    "a tag set in __init__ over one of the class": (
        "def f(self, box: Box):\n    return box.add()",
        "@stateflow.entity\nclass Box:\n    tags = []\n"
        "    def __init__(self):\n        self.tags = []\n    def __key__(self):\n        return 'b'\n"
        "    def add(self):\n        self.tags.append(1)\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ACCEPTED)
def test_working_python_is_accepted(name: str) -> None:
    body, before = ACCEPTED[name]
    if before.startswith("from __future__"):
        source = before + ITEM + "if TYPE_CHECKING:\n    from elsewhere import Other\n" + USER + textwrap.indent(body, "    ")
        assert codes(checked(source)) == []
    else:
        assert method(body, before=before) == []


REFUSED = {
    "loop over an annotated list": ("def f(self, items: list[Item]):\n    for item in items:\n        item.updat(1)", ["SF203"]),
    "comprehension": ("def f(self, items: list[Item]):\n    return [item.prize for item in items]", ["SF204"]),
    "values of a dict": ("def f(self, items: dict[str, Item]):\n    for item in items.values():\n        item.updat(1)", ["SF203"]),
    "created in the method": ("def f(self):\n    item = Item('tea')\n    item.updat(1)", ["SF203"]),
    "addressed by key": ("def f(self):\n    return Item.by_key('tea').updat(1)", ["SF203"]),
    "own method": ("def f(self):\n    return self.g()", ["SF203"]),
    "field with a type": ("def g(self, item: Item):\n    self.item = item\ndef f(self):\n    return self.item.updat(1)", ["SF203"]),
    "unknown keyword": ("def f(self, item: Item):\n    return item.update(amonut=1)", ["SF205"]),
    "own method's arguments": ("def g(self, n):\n    return n\ndef f(self):\n    return self.g()", ["SF205"]),
    "subscript of a global": ("def f(self):\n    TABLE['a']['b'] = 1", ["SF302"]),
    "del of a global's item": ("def f(self):\n    del TABLE['a']", ["SF302"]),
    "class attribute by cls": ("@classmethod\ndef f(cls):\n    cls.total = 1", ["SF303"]),
    "import inside": ("def f(self):\n    import subprocess\n    subprocess.run([])", ["SF323"]),
    "aliased import inside": ("def f(self):\n    from time import sleep as rest\n    rest(1)", ["SF310"]),
    "in a nested function": ("def f(self):\n    def g():\n        exec('1')\n    g()", ["SF305"]),
    "in a function of the module": ("def f(self):\n    return helper()", ["SF305"]),
    "await of an object": ("async def f(self):\n    return await Slow()", ["SF209"]),
    "item of a copy": ("def f(self, item: Item):\n    item.tags[0] = 'a'", ["SF412"]),
    "item of a copy deleted": ("def f(self, item: Item):\n    del item.tags[0]", ["SF412"]),
    "attributes of an entity by vars": ("def f(self, item: Item):\n    vars(item)['price'] = 1", ["SF412"]),
    "attributes of an entity by __dict__": ("def f(self, item: Item):\n    item.__dict__['price'] = 1", ["SF412"]),
    "nested function for a library": (
        "def f(self, item: Item):\n    def key(x):\n        return item.price\n    return heapq.nlargest(1, [1], key)", ["SF317"]),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_wrong_use_is_refused(name: str) -> None:
    body, expected = REFUSED[name]
    slow = "class Slow:\n    def __await__(self):\n        yield\n"
    assert method(body, before=slow + "TABLE = {'a': {}}\ndef helper():\n    return eval('1')\n") == expected


def test_all_errors_come_in_one_run_in_the_order_of_lines() -> None:
    bag = checked(
        ITEM
        + USER
        + "    def b(self, item: Item):\n        print(item.prize)\n        return item.updat(1)\n"
        + "    def a(self):\n        return undefined_name\n"
    )
    assert [d.code for d in bag] == ["SF402", "SF204", "SF203", "SF202"]
    assert [d.span.line for d in bag] == sorted(d.span.line for d in bag)
    with pytest.raises(stateflow.CompileError) as refused:
        bag.raise_if_errors()
    assert "SF203" in str(refused.value)
    assert "SF202" in str(refused.value)


def test_error_of_a_base_class_is_reported_once_for_two_entities() -> None:
    base = "class Base:\n    def f(self):\n        exec('1')\n"
    two = "".join(f"@stateflow.entity\nclass {n}(Base):\n    def __key__(self):\n        return '{n}'\n" for n in "AB")
    assert codes(checked("import stateflow\n" + base + two)) == ["SF305"]


def test_column_points_at_the_name_behind_wide_and_many_byte_characters() -> None:
    bag = checked(ITEM + USER + "    def f(self, item: Item):\n        return 'größe 数', item.updat(1)\n")
    (found,) = bag
    line = found.source_lines[0]
    assert line[found.span.column : found.span.end_column] == "updat"


@pytest.mark.parametrize(
    "body",
    [
        "__key__ = lambda self: 1",
        "__key__ = 3",
        "__key__ = property(lambda self: 1)",
        "f = staticmethod(len)\n    __key__ = lambda self: 1",
        "f = functools.partialmethod(print, 1)\n    def __key__(self): return 1",
        "def __key__(*args): return 1",
        "x: 'List[' = 1\n    def __key__(self): return 1",
        "__slots__ = ('a',)\n    def __key__(self): return self.a",
        "def __key__(self): return 1\n    f = lambda self, item: item.price",
    ],
)
def test_unusual_classes_are_checked_without_a_traceback(body: str) -> None:
    source = f"import functools\nimport stateflow\n\n@stateflow.entity\nclass Odd:\n    {body}\n"
    assert isinstance(str(checked(source)), str)


def test_thousand_methods_are_checked_in_half_a_second() -> None:
    body = "".join(
        f"    def m{n}(self, item: Item, amount: int) -> int:\n"
        "        total = 0\n"
        "        for step in range(amount):\n"
        "            if item.price > step:\n"
        "                total += item.update(step) + len(self.name)\n"
        "        return total\n"
        for n in range(1000)
    )
    source = ITEM + USER + body
    classes = loaded(source)
    # The compiler goes on with the analysed program; its analysis is no part of the checks.
    program = AnalysedProgram(classes)
    analyse(program)
    started = time.process_time()
    context = Context(classes)
    check_resumables(context, run_checks(context), program)
    took_s = time.process_time() - started
    assert codes(context.bag) == []
    # Twice the half second that is promised: other tests share the processor's caches.
    assert took_s < 1.0


@pytest.mark.parametrize("key", ["3", "property(lambda self: 1)", "classmethod(lambda cls: 1)"])
def test_key_that_is_no_method_is_refused(key: str) -> None:
    assert codes(checked(f"import stateflow\n\n@stateflow.entity\nclass Odd:\n    __key__ = {key}\n    def f(self): return 1\n")) == [
        "SF102"
    ]


@pytest.mark.parametrize("base", ["dict", "Exception", "enum.Enum", "collections.deque", "typing.NamedTuple('N', [])"])
def test_entity_of_pythons_own_layout_is_refused(base: str) -> None:
    head = "import collections, enum, typing\nimport stateflow\n\n@stateflow.entity\n"
    assert "SF104" in codes(checked(head + f"class Odd({base}):\n    def __key__(self):\n        return 1\n"))


def test_entity_of_a_class_written_in_python_is_accepted() -> None:
    head = "import collections\nimport stateflow\n\n@stateflow.entity\n"
    assert codes(checked(head + "class Box(collections.UserDict):\n    def __key__(self):\n        return self['key']\n")) == []
