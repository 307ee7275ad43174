"""The fixed parts of a generated program: what its method `run` calls, and the requests. They vary with a few choices."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

__all__ = ["ANNOTATIONS", "REQUESTS", "Flavour", "preamble", "requests", "runner"]

ANNOTATIONS = [("a: Box", "b"), ("a: Box", "b: Box"), ("a", "b"), ("a: Any", "b: Box | None"), ("a: Counted", "b")]


class Flavour:
    """What the classes that programs share define.

    `syntax` means special methods of entities, `is_async` that `run` awaits, `library` containers, functions as arguments and contexts,
    `values` special methods of values that call entities.
    """

    def __init__(self, choices: random.Random) -> None:
        self.syntax = choices.random() < 0.25
        self.is_async = choices.random() < 0.2
        self.library = choices.random() < 0.4
        self.values = choices.random() < 0.2


HELPERS = '''"""A generated program."""
import asyncio
import contextlib
import functools
from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass
from typing import Any

import stateflow
from stateflow.errors import EntityAlreadyExists, EntityNotFound

LIMIT = 20
NUMBERS = [1, 5]


class Stop(Exception):
    pass


class Guard:
    def __init__(self, log, swallows):
        self.log, self.swallows = log, swallows

    def __enter__(self):
        self.log.append("in")
        return self

    def __exit__(self, kind, error, traceback):
        self.log.append("out" if kind is None else kind.__name__)
        return self.swallows and kind is not None


@dataclass
class Pair:
    left: Any
    right: Any

    def swap(self):
        self.left, self.right = self.right, self.left
        return self


def helper(box, n):
    return box.add(n) - box.n if n % 2 else n


def summed(*numbers, scale=1, **named):
    return sum(numbers) * scale + sum(named.values())


def descend(box, n):
    return box.n if n <= 0 else box.add(1) % 10 + descend(box, n - 1)


def filtered(values, box):
    for value in values:
        if (value + box.n) % 2:
            yield value
        else:
            yield from (value, -value)


def applied(function, *given):
    return function(*given)


def doubled(k):
    return k * 2


class Counted:
    def bump(self, k):
        self.n += k
        return self.add(1)


class Walker:
    def __init__(self, name):
        self.name, self.t, self.log, self.kept, self.runs = name, 0, [], [], 0

    def __key__(self):
        return self.name

    def tick(self, k):
        self.t += k % 7
        return self.t

    def steps(self, box, n):
        for q in range(n):
            yield box.add(q)
        return n
'''

BOX = '''
@stateflow.entity
class Box(Counted):
    def __init__(self, name, n):
        self.name, self.n, self.items, self.seen = name, n, [n], {{}}

    def __key__(self):
        return self.name

    def add(self, k):
        self.n += k
        print(self.name, "add", k if isinstance(k, int) else type(k).__name__)
        return self.n

    def push(self, values, k):
        values.append(k)
        self.items.append(k)
        return values

    def fail(self, k):
        self.items.append(-1)
        if k % 3 == 0:
            raise Stop(self.name, k)
        if k % 3 == 1:
            raise ValueError(k)
        return k

    def ask(self, runner, k):
        return runner.tick(k) + self.n

    {prefix}def again(self, runner, other, xs):
        return {wait}runner.run(self, other, xs)

    def bounce(self, other, n):
        self.seen[n] = self.n
        return self.n if n <= 0 else other.bounce(self, n - 1) + 1

    def pair(self, other, right):
        return Pair(other, right)

    def late(self, *ks, plus=0, **named):
        return self.add(sum(ks) + plus) + len(named)

    def __secret(self, k):
        return k + self.n

    def secret(self, k):
        return self.__secret(k)

    @staticmethod
    def scale(k):
        return k * 2 + LIMIT

    @classmethod
    def named(cls, k):
        return f"{{cls.__name__}}{{k}}"

    @property
    def total(self):
        return sum(self.items) % 1000

    @property
    def level(self):
        return self.n // 2

    @level.setter
    def level(self, value):
        self.n = value * 2 + 1

    def use(self, function, k):
        return function(k) + self.n

    def weigh(self, scale, k):
        return scale + k

    async def soon(self, k):
        return self.add(k)
'''

SYNTAX = '''
    def __len__(self):
        print(self.name, "len")
        return len(self.items)

    def __getitem__(self, index):
        print(self.name, "item")
        return self.items[index % len(self.items)]

    def __setitem__(self, index, value):
        self.seen[index] = value

    def __contains__(self, k):
        print(self.name, "contains", k)
        return k in self.items

    def __add__(self, k):
        return self.add(k)

    def __radd__(self, k):
        return k + self.n

    def __lt__(self, other):
        print(self.name, "lt")
        return self.n < (other.n if isinstance(other, Box) else other)

    def __call__(self, k):
        return self.add(k) + 1

    def __enter__(self):
        self.items.append(7)
        return self.n

    def __exit__(self, kind, error, traceback):
        self.items.append(8)
        return kind is Stop

    def __iter__(self):
        print(self.name, "iter")
        return iter(self.items)
'''

WATCHED = '''

def watched(values, box, log):
    try:
        for value in values:
            log.append((yield value + box.n))
    except Stop:
        log.append("stop")
        yield box.n
    finally:
        log.append(box.add(1))
'''

VALUES = '''

@dataclass(eq=False)
class Scale:
    box: Any
    factor: int

    def __len__(self):
        return self.box.add(1) % 3

    def __getitem__(self, index):
        return self.box.n + index * self.factor

    def __setitem__(self, index, value):
        self.box.seen = {index: value}

    def __add__(self, k):
        return self.box.add(k) * self.factor

    def __radd__(self, k):
        return k + self.box.n

    def __iadd__(self, k):
        self.factor += self.box.add(k)
        return self

    def __lt__(self, other):
        return self.box.n < (other.box.n if isinstance(other, Scale) else other)

    def __eq__(self, other):
        return isinstance(other, Scale) and self.box.n == other.box.n

    def __call__(self, k):
        return self.box.add(k) - 1

    def __iter__(self):
        yield self.box.add(2)
        yield self.factor

    def __contains__(self, k):
        return k % 2 == self.box.n % 2

    def __enter__(self):
        return self.box.add(3)

    def __exit__(self, kind, error, traceback):
        self.factor += self.box.n % 3
        return kind is ValueError

    def __str__(self):
        return f"{self.box.n} times {self.factor}"

    @property
    def weight(self):
        return self.box.add(1) + self.factor

    @weight.setter
    def weight(self, k):
        self.factor = self.box.n + k


class Keeper:
    def __init__(self, box, log):
        self.box, self.log = box, log

    def __enter__(self):
        self.log.append(self.box.add(1))
        return self.box.n

    def __exit__(self, kind, error, traceback):
        self.log.append((kind and kind.__name__, self.box.n))
        return kind is not None and self.box.add(1) % 2 == 0
'''

WAITER = '''

class Waiter(Walker):
    async def wait(self, box, k, earlier):
        for q in earlier:
            k += await q
        return k + await box.soon(k)
'''

CRATE = '''

@stateflow.entity
class Crate(Box):
    def __init__(self, name, n):
        super().__init__(name, n + 1)
        self.extra = []

    def add(self, k):
        self.extra.append(k)
        return super().add(k + 1)

    @property
    def total(self):
        return super().total + len(self.extra)

'''

RUNNER = '''

@stateflow.entity
class Runner{number}({base}):
    {prefix}def run(self, {parameters}, xs):
        i, j, k = 1, 2, 3
        ys = xs
        zs = self.kept
        table = {{"x": 1}}
        pair = Pair(2, xs)
        fs = []
        boxes = [a, b]
{more}'''

LIBRARY_VARIABLES = """        queue = deque(xs, 4)
        counts = Counter(xs)
        groups = defaultdict(list)
        mark = NUMBERS
"""

VALUE_VARIABLES = "        scale = Scale(b, 2)\n"

RESULT = """
        return i, j, k, xs, ys, zs, self.log, table, pair, [f(1) for f in fs], boxes{more}
"""

WORLD = """
    a = world.create(Box, "a{number}", 3)
    b = world.create(Box, "b{number}", 5)
    c = world.create(Crate, "c{number}", 2)
    r = world.create(Runner{number}, "r")
"""

REQUESTS = (
    'call(r, "run", a, b, [1, 2])',
    'call(r, "run", b, a, [])',
    'call(r, "run", a, a, [4])',
    'call(r, "run", c, b, [9, 3, 6])',
    'call(a, "bounce", c, 3)',
    'call(r, "run", b, c, [0, 5])',
)


def preamble(flavour: Flavour) -> str:
    """Return the text of what all programs of a module call."""
    prefix, wait = ("async ", "await ") if flavour.is_async else ("", "")
    own = BOX.format(prefix=prefix, wait=wait) + (SYNTAX if flavour.syntax else "") + CRATE
    waiter = WAITER if flavour.is_async else ""
    return HELPERS + waiter + (WATCHED if flavour.library else "") + (VALUES if flavour.values else "") + "\n" + own


def runner(number: int, flavour: Flavour, annotations: Sequence[str], lines: Sequence[str]) -> str:
    """Return the class whose method `run` has the given lines."""
    prefix = "async " if flavour.is_async else ""
    more = (LIBRARY_VARIABLES if flavour.library else "") + (VALUE_VARIABLES if flavour.values else "")
    more += "        later = []\n" if flavour.is_async else ""
    base = "Waiter" if flavour.is_async else "Walker"
    head = RUNNER.format(number=number, base=base, prefix=prefix, parameters=", ".join(annotations), more=more)
    result = (", queue, counts, groups, mark" if flavour.library else "") + (", scale" if flavour.values else "")
    return head + "\n".join(lines) + RESULT.format(more=result)


def requests(number: int, chosen: Sequence[str]) -> str:
    """Return the part of a module's script that creates the entities of one program and calls them."""
    return WORLD.format(number=number) + "".join(f"    world.{request}\n" for request in chosen)
