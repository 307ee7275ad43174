"""Generate programs: two entity classes and a method of random statements over calls, aliases, closures and exceptions."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["generate"]

PREAMBLE = '''"""A generated program."""
import stateflow


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


def helper(box, n):
    return box.add(n) - box.n if n % 2 else n


@stateflow.entity
class Box:
    def __init__(self, name, n):
        self.name, self.n, self.items = name, n, [n]

    def __key__(self):
        return self.name

    def add(self, k):
        self.n += k
        print(self.name, "add", k)
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

    @property
    def total(self):
        return sum(self.items) % 1000


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name, self.t, self.log, self.kept = name, 0, [], []

    def __key__(self):
        return self.name

    def tick(self, k):
        self.t += k % 7
        return self.t

    def run(self, a: Box, b, xs):
        i, j, k = 1, 2, 3
        ys = xs
        zs = self.kept
'''

SCRIPT = '''
        return i, j, k, xs, ys, zs, self.log


def script(world):
    a = world.create(Box, "a", 3)
    b = world.create(Box, "b", 5)
    r = world.create(Runner, "r")
    world.call(r, "run", a, b, [1, 2])
    world.call(r, "run", b, a, [])
    world.call(r, "run", a, a, [4])
'''
NAMES = ("i", "j", "k")
LISTS = ("xs", "ys", "zs")


class _Generator:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.depth = 0
        self.loops = 0
        self.fresh = 0

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def name(self) -> str:
        return self.random.choice(NAMES)

    def box(self) -> str:
        return self.pick("a", "b")

    def new_name(self) -> str:
        self.fresh += 1
        return f"v{self.fresh}"

    def number(self, depth: int = 0) -> str:
        """Return an expression whose value is a number."""
        if depth > 2:
            return self.pick(self.name(), str(self.random.randrange(9)), f"{self.box()}.n")
        again = depth + 1
        choice = self.random.randrange(19)
        one, two = (lambda: self.number(again)), (lambda: self.number(again))
        box = self.box()
        forms: list[Callable[[], str]] = [
            lambda: self.name(),
            lambda: str(self.random.randrange(9)),
            lambda: f"{box}.n",
            lambda: f"{box}.add({one()})",
            lambda: f"({one()} + {two()})",
            lambda: f"({one()} - {box}.n)",
            lambda: f"({one()} if {self.test(again)} else {two()})",
            lambda: f"sum({self.comprehension(again)})",
            lambda: f"max({one()}, {two()})",
            lambda: f"({self.name()} := {one()})",
            lambda: f"self.tick({one()})",
            lambda: f"{box}.ask(self, {one()})",
            lambda: f"len({self.listing(again)})",
            lambda: f"(lambda q, r={one()}: q + r + {box}.n)({two()})",
            lambda: f"helper({box}, {one()})",
            lambda: f"{box}.total",
            lambda: f"({one()} or {two()})",
            lambda: f"[{one()}, {two()}][{self.test(again)}]",
            lambda: f"int(f'{{{self.name()} + {box}.n}}')",
        ]
        return forms[choice]()

    def test(self, depth: int = 0) -> str:
        again = depth + 1
        forms: list[Callable[[], str]] = [
            lambda: f"{self.number(again)} < {self.number(again)}",
            lambda: f"0 <= {self.number(again)} < {self.number(again)}",
            lambda: f"not ({self.number(again)} > 4)",
            lambda: f"({self.number(again)} > 2 and {self.number(again)} > 1)",
            lambda: f"({self.number(again)} > 9 or {self.number(again)} > 5)",
            lambda: f"{self.number(again)} in {self.listing(again)}",
            lambda: f"any({self.number(again)} > q for q in {self.pick(self.random.choice(LISTS), f'{self.box()}.items')})",
        ]
        text = self.random.choice(forms)()
        return f"({text})" if depth else text

    def comprehension(self, depth: int) -> str:
        variable = self.new_name()
        inner = f"{variable} + {self.number(depth + 1)}"
        condition = f" if {variable} < {self.number(depth + 1)}" if self.random.random() < 0.4 else ""
        # A walrus in the iterable of a comprehension is no Python.
        text = f"{inner} for {variable} in {self.random.choice(LISTS)}[:3]{condition}"
        return f"[{text}]" if self.random.random() < 0.5 else f"({text})"

    def listing(self, depth: int) -> str:
        return self.pick(self.random.choice(LISTS), f"{self.box()}.items", f"[{self.number(depth + 1)}, {self.number(depth + 1)}]")

    def emit(self, text: str) -> None:
        self.lines.append("    " * (2 + self.depth) + text)

    def block(self, count: int) -> None:
        self.depth += 1
        for _ in range(self.random.randrange(1, count + 1)):
            self.statement()
        self.depth -= 1

    def statement(self) -> None:
        simple = [self.assign, self.augment, self.push, self.trace, self.alias, self.remote_write, self.unpack, self.fail, self.define]
        nested = [self.branch, self.loop, self.repeat, self.guard, self.protect, self.match]
        if self.loops:
            simple.append(self.jump)
        choices = simple if self.depth >= 3 else simple + nested + nested
        self.random.choice(choices)()

    def assign(self) -> None:
        self.emit(f"{self.name()} = {self.number()}")

    def augment(self) -> None:
        target = self.pick(self.name(), self.name(), "self.t", f"{self.box()}.n")
        self.emit(f"{target} {self.pick('+=', '-=')} {self.number()}")

    def push(self) -> None:
        target = self.random.choice(LISTS)
        self.emit(self.pick(f"{target}.append({self.number()})", f"{target} = {self.box()}.push({target}, {self.number()})"))

    def trace(self) -> None:
        self.emit(f"print({self.number()}, {self.random.choice(LISTS)})")

    def alias(self) -> None:
        left, right = self.random.sample(LISTS, 2)
        self.emit(f"{left} = {right}")

    def remote_write(self) -> None:
        self.emit(f"{self.box()}.n = {self.number()}")

    def unpack(self) -> None:
        left, right = self.random.sample(NAMES, 2)
        self.emit(f"{left}, {right} = {self.number()}, {self.number()}")

    def fail(self) -> None:
        self.emit(self.pick(f"{self.name()} = {self.box()}.fail({self.number()})", f"if {self.test()}: raise Stop({self.number()})"))

    def define(self) -> None:
        function = self.new_name()
        captured = self.name()
        self.emit(f"def {function}(q, box={self.box()}):")
        self.depth += 1
        self.emit(f"nonlocal {captured}")
        self.emit(f"{captured} += q + box.n")
        self.emit(f"return {captured} + {self.name() if self.random.random() < 0.3 else 'q'}")
        self.depth -= 1
        self.emit(f"{self.name()} = {function}({self.number()})")

    def branch(self) -> None:
        self.emit(f"if {self.test()}:")
        self.block(3)
        if self.random.random() < 0.5:
            self.emit("else:")
            self.block(2)

    def loop(self) -> None:
        self.emit(f"for {self.name()} in {self.pick(f'{self.listing(1)}[:4]', f'range({self.random.randrange(4)})')}:")
        self.body()

    def repeat(self) -> None:
        counter = self.new_name()
        self.emit(f"{counter} = 0")
        self.emit(f"while {counter} < 3 and {self.test(1)}:")
        self.depth += 1
        self.emit(f"{counter} += 1")
        self.depth -= 1
        self.body()

    def body(self) -> None:
        self.loops += 1
        self.block(3)
        self.loops -= 1
        if self.random.random() < 0.4:
            self.emit("else:")
            self.block(2)

    def jump(self) -> None:
        self.emit(f"if {self.test()}: {self.pick('break', 'continue')}")

    def guard(self) -> None:
        self.emit(f"with Guard(self.log, {self.pick('True', 'False', self.test(1))}):")
        self.block(3)

    def protect(self) -> None:
        self.emit("try:")
        self.block(3)
        has_handler = self.random.random() < 0.7
        if has_handler:
            self.emit(f"except {self.pick('Stop', 'ValueError', '(Stop, ValueError)', 'Exception')} as error:")
            self.depth += 1
            self.emit("self.log.append(str(error.args))")
            if self.random.random() < 0.25:
                self.emit(self.pick("raise", "raise KeyError(i) from error"))
            self.depth -= 1
            self.block(2)
            if self.random.random() < 0.4:
                self.emit("else:")
                self.block(2)
        if not has_handler or self.random.random() < 0.5:
            self.emit("finally:")
            self.depth += 1
            self.emit("self.log.append(i)")
            if self.random.random() < 0.1:
                self.emit(f"return {self.number()}")
            self.depth -= 1
            loops, self.loops = self.loops, 0
            self.block(2)
            self.loops = loops

    def match(self) -> None:
        self.emit(f"match {self.pick(self.number(), f'({self.number()}, {self.number()})', self.box())}:")
        self.depth += 1
        self.emit(f"case 0 | 1 if {self.test()}:")
        self.block(2)
        self.emit("case (i, j):")
        self.block(2)
        self.emit(f"case Box(n=k) if k > {self.number()}:")
        self.block(2)
        self.emit("case _:")
        self.block(2)
        self.depth -= 1


def generate(seed: int) -> str:
    """Return the source of a program; the same seed gives the same program."""
    generator = _Generator(seed)
    for _ in range(generator.random.randrange(3, 9)):
        generator.statement()
    return PREAMBLE + "\n".join(generator.lines) + SCRIPT
