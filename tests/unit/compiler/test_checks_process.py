"""What belongs to a process, not to an entity, is refused or warned about; what only looks like it is not."""

from __future__ import annotations

import pytest

from tests.unit.compiler.test_checks import checked, codes, method

IMPORTS = """
import atexit, contextvars, decimal, gc, io, locale, logging, pathlib, sys, threading, warnings
from sys import stdin
CURRENT = contextvars.ContextVar("CURRENT", default=0)
DICE = random.Random(1)
LOCK = threading.Lock()
LOG = logging.getLogger("shop")
FOLDER = pathlib.Path("/tmp")
BUFFER = io.StringIO()
"""
CHANGES = {
    "os.chdir('/')": "SF326", "os.environ['A'] = '1'": "SF326", "del os.environ['A']": "SF326", "os.environ.update(A='1')": "SF326",
    "os.putenv('A', '1')": "SF326", "os.umask(0)": "SF326", "sys.setrecursionlimit(9999)": "SF326",
    "locale.setlocale(locale.LC_ALL, 'C')": "SF326", "decimal.getcontext().prec = 5": "SF326",
    "c = decimal.getcontext()\nc.prec = 5": "SF326", "decimal.setcontext(decimal.Context())": "SF326",
    "warnings.simplefilter('ignore')": "SF326", "gc.disable()": "SF326", "atexit.register(print)": "SF326",
    "LOG.setLevel('INFO')": "SF326", "CURRENT.set(1)": "SF302", "DICE.random()": "SF302",
    "BUFFER.write('a')": "SF302", "LOCK.acquire()": "SF311",
    "sys.stdin.readline()": "SF309", "stdin.read()": "SF309", "for line in sys.stdin: pass": "SF309",
    "sys.stdout.write('a')": "SF402", "LOG.info('a')": "SF402", "logging.warning('a')": "SF402",
    "pathlib.Path('a').read_text()": "SF409", "p = pathlib.Path('a')\np.write_text('b')": "SF409", "FOLDER.mkdir()": "SF409",
    "pathlib.Path.cwd()": "SF409",
}  # fmt: skip
HARMLESS = (
    "decimal.getcontext().prec", "decimal.Context(prec=5).divide(1, 3)", "gc.collect()", "CURRENT.get()", "LOG.name",
    "pathlib.Path('a') / 'b'",
    "FOLDER.name",
    "random.Random(3).random()", "{'environ': 1}['environ']", "warnings.warn('a')", "sys.getrecursionlimit()",
)  # fmt: skip


def in_method(body: str) -> list[str]:
    return method("def f(self):\n" + "".join(f"    {line}\n" for line in body.splitlines()), before=IMPORTS)


@pytest.mark.parametrize("body", CHANGES)
def test_change_or_use_of_the_process_is_found(body: str) -> None:
    assert in_method(body) == [CHANGES[body]]


@pytest.mark.parametrize("body", HARMLESS)
def test_harmless_use_of_the_same_modules_is_accepted(body: str) -> None:
    assert in_method(body) == []


def odd(body: str, *, base: str = "", before: str = "") -> list[str]:
    head = f"import random, time, typing\nimport stateflow\n{before}\n@stateflow.entity\nclass Odd{base}:\n"
    return codes(checked(head + "".join(f"    {line}\n" for line in body.splitlines())))


KEY = "def __key__(self): return 'odd'\n"


@pytest.mark.parametrize("name", "__reduce__ __getstate__ __setstate__ __copy__ __deepcopy__ __getnewargs__ __get__ __set__".split())
def test_special_method_that_would_not_be_called_is_refused(name: str) -> None:
    assert odd(KEY + f"def {name}(self, *given): return self") == ["SF117"]
    assert odd(KEY, base="(Base)", before=f"class Base:\n    def {name}(self, *given): return self\n") == ["SF117"]


def test_protocol_is_refused_as_an_entity_and_accepted_as_a_base() -> None:
    assert odd("price: int\ndef __key__(self) -> int: ...", base="(typing.Protocol)") == ["SF118"]
    before = "class Priced(typing.Protocol):\n    price: int\n    def g(self, other: 'Priced'): return other.price\n"
    assert odd(KEY + "def f(self, other: Priced):\n    match other:\n        case Priced(): return Priced.g(self, other)", before=before,
               base="(Priced)") == []  # fmt: skip


@pytest.mark.parametrize("body", ["by_key = 1", "@classmethod\ndef by_key(cls, key): return None", "def by_key(self): return None"])
def test_by_key_of_its_own_is_refused(body: str) -> None:
    assert odd(KEY + body) == ["SF119"]


KEYS = ("return random.random()", "return str(time.time())", "self.n = 1\nreturn 1", "return self.g()", "return h()")


@pytest.mark.parametrize("body", KEYS)
def test_key_that_another_call_would_answer_otherwise_is_refused(body: str) -> None:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    body = f"def g(self):\n    self.m = 1\n    return 'a'\ndef __key__(self):\n{lines}"
    assert odd(body, before="def h(): return time.time()") == ["SF120"]


def test_static_key_is_refused_at_its_own_line() -> None:
    bag = checked("import stateflow\n@stateflow.entity\nclass Odd:\n    @staticmethod\n    def __key__(): return 'x'\n")
    assert [(d.code, d.span.line) for d in bag] == [("SF102", 5)]
