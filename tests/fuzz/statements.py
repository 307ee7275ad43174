"""Random statements: every kind of block and target, with calls of other entities in all of their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fuzz.expressions import BOXES, LISTS, NAMES, Expressions

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from tests.fuzz.preamble import Flavour

__all__ = ["Statements"]

MOST_BLOCKS = 3
ERRORS = ("Stop", "ValueError", "(Stop, ValueError)", "Exception", "LookupError", "(KeyError, Stop)")


class Statements(Expressions):
    """Makes the statements of a method, about as many lines as it is given.

    `number` tells the program from others of its module, whose entities have other keys.
    """

    def __init__(self, choices: random.Random, flavour: Flavour, lines: int, number: int) -> None:
        super().__init__(choices, flavour)
        self.own = number
        self.lines: list[str] = []
        self.most = lines
        self.indent = 2
        self.loops = 0

    def method_body(self) -> list[str]:
        """Return the lines of the method."""
        while len(self.lines) < self.most:
            self.statement()
        return self.lines

    def emit(self, *lines: str) -> None:
        """Add lines at the present indentation."""
        self.lines += ["    " * self.indent + line for line in lines]

    def block(self, count: int, *before: str) -> None:
        """Add an indented block: given lines, then statements, fewer when there are many lines already."""
        self.indent += 1
        self.emit(*before)
        for number in range(self.random.randrange(1, count + 1)):
            if number == 0 or len(self.lines) < self.most:
                self.statement()
        self.indent -= 1

    def statement(self) -> None:
        """Add one statement."""
        simple: list[Callable[[], None]] = [
            self.assign, self.assign, self.augment, self.augment, self.push, self.trace, self.alias, self.unpack, self.store, self.delete,
            self.define, self.keep, self.iterate, self.exchange, self.create, self.fail, self.change, self.call, self.recurse,
        ]  # fmt: skip
        nested = [self.branch, self.loop, self.repeat, self.guard, self.protect, self.protect, self.match, self.grow, self.each_box]
        if self.loops:
            simple += [self.jump, self.jump]
        simple += self.more_statements()
        is_full = self.indent >= 2 + MOST_BLOCKS or len(self.lines) >= self.most
        self.random.choice(simple if is_full else simple + nested + nested)()

    def more_statements(self) -> list[Callable[[], None]]:
        """Return what adds statements of further kinds."""
        return []

    # Simple statements.

    def assign(self) -> None:
        self.emit(self.pick(f"{self.name()} = {self.number()}", f"{self.name()} = {self.name()} = {self.number()}"))

    def augment(self) -> None:
        n = self.number
        self.emit(
            self.one_of(
                lambda: f"{self.name()} {self.pick('+=', '-=', '*=', '^=')} {n()}",
                lambda: f"self.t += {n()}",
                lambda: f"{self.box()}.{self.pick('n', 'level')} {self.pick('+=', '-=')} {n()}",
                lambda: f"table['x'] += {n()}",
                lambda: f"pair.left = {n()}; pair.left += {n()}",
                lambda: f"{self.list_name()} += [{n()}, {n()}]",
                lambda: f"{self.list_name()}[-1:] += [{n()}]",
                lambda: f"{self.box()}.items += [{n()}]",
                lambda: f"self.kept += {self.listing()}[:2]",
                lambda: f"pair.right += [{n()}]",
                lambda: f"{self.list_name()} += ({self.clause_element()})",
                lambda: f"table |= (({self.pair_element()}))",
                lambda: f"{self.list_name()} += {self.box_name()}" if self.flavour.syntax else f"pair.right += ({self.clause_element()})",
            )
        )

    def push(self) -> None:
        target = self.list_name()
        self.emit(
            self.one_of(
                lambda: f"{target}.append({self.number()})",
                lambda: f"{target} = {self.box()}.push({target}, {self.number()})",
                lambda: f"{target}.extend({self.clause_element()})",
                lambda: f"{target}.insert({self.number()} % 2, {self.number()})",
                lambda: f"{target}.sort(key=lambda q: {self.apart(self._keyed)})",
                lambda: f"{target} = {self.listing()}[:5]",
                lambda: f"{target} = self.kept",
            )
        )

    def trace(self) -> None:
        self.emit(
            self.one_of(
                lambda: f"print({self.number()}, {self.list_name()})",
                lambda: f"print({self.box()}.name, {self.number()}, sep={self.box_name()}.name)",
                lambda: f"print(f'{{{self.name()}=}} {{{self.simple()}!r:>{{{self.simple()} % 9}}}}')",
                lambda: f"self.log.append({self.number()})",
                lambda: f"assert {self.test()} or self.t > -9, {self.number()}",
            )
        )

    def alias(self) -> None:
        left, right = self.random.sample(LISTS, 2)
        self.emit(self.pick(f"{left} = {right}", f"pair.right = {left}", f"{left} = {right}[:]", f"{left}, {right} = {right}, {left}"))

    def unpack(self) -> None:
        n = self.number
        left, right = self.random.sample(NAMES, 2)
        self.emit(
            self.one_of(
                lambda: f"{left}, {right} = {n()}, {n()}",
                lambda: f"{left}, *{self.list_name()} = [{n()}, {n()}, *{self.list_name()}[:2]]",
                lambda: f"*{self.list_name()}, {left} = {n()}, {n()}",
                lambda: f"({left}, {right}), self.t = ({n()}, {n()}), {n()}",
                lambda: f"{self.box()}.n, {left} = {n()}, {n()}",
                lambda: f"{left}, {self.box()}.n = sorted([{n()}, {n()}])",
                lambda: f"table['x'], {left} = {n()}, {n()}",
                lambda: f"[{left}, {right}] = ({self.apart(n, binds=True)} for _ in range(2))",
            )
        )

    def store(self) -> None:
        n = self.number
        self.emit(
            self.one_of(
                lambda: f"{self.box()}.{self.pick('n', 'level')} = {n()}",
                lambda: f"table[{n()} % 3] = {n()}",
                lambda: f"{self.list_name()}[{n()} % 2:{n()} % 3] = {self.listing()}[:2]",
                lambda: f"{self.list_name()}[{n()} % 2:] = ({self.clause_element()})",
                lambda: f"table.update({self.pair_element()})",
                lambda: f"pair.left, pair.right = {n()}, {self.list_name()}",
                lambda: f"{self.name()} = pair.left = {n()}",
                lambda: f"setattr({self.box()}, 'n', {n()})",
                lambda: f"self.kept = {self.list_name()}",
                lambda: f"{self.name()}: int = {n()}",
                lambda: f"{self.box()}[{n()}] = {n()}" if self.flavour.syntax else f"{self.box()}.n = {n()}",
            )
        )

    def delete(self) -> None:
        name = self.name()
        self.emit(
            self.one_of(
                lambda: f"del {self.list_name()}[{self.number()} % 3:]",
                lambda: f"table.pop({self.number()} % 3, {self.number()})",
                lambda: f"del {self.box()}.items[:1]",
                lambda: f"del {name}; {name} = {self.number()}",
            )
        )

    def change(self) -> None:
        left, right = self.random.sample(BOXES, 2)
        self.emit(
            self.one_of(
                lambda: f"{left} = {self.box()}",
                lambda: f"{left}, {right} = {right}, {left}",
                lambda: f"boxes.append({self.box()})",
                lambda: f"boxes[0] = {self.box()}",
                lambda: f"{left} = Box.by_key({self.box()}.name)",
                lambda: f"{left} = {self.box_name()}.pair({self.box()}, {self.number()}).left",
            )
        )

    def call(self) -> None:
        self.emit(
            self.one_of(
                lambda: f"{self.box()}.add({self.number()})",
                lambda: f"[{self.box_name()}.add({self.number()}), {self.number()}]",
                lambda: f"{self.list_name()} = [q.n for q in boxes]",
                lambda: f"{self.list_name()}, {self.name()} = {self.box()}.push({self.list_name()}, {self.number()}), {self.number()}",
                lambda: f"fs and fs[0]({self.number()})",
            )
        )

    def create(self) -> None:
        name, made = self.pick("EntityAlreadyExists", "Exception"), self.pick("Box", "Crate")
        create = f"{self.box_name()} = {made}(f'{self.pick('c', 'd', 'e')}{{{self.simple()} % 3}}.{self.own}', {self.number()})"
        if self.chance(0.2):
            self.emit(create)
            return
        self.emit("try:", f"    {create}")
        if self.chance(0.3):
            self.emit(f"    stateflow.delete({self.box()})")
        self.emit(f"except {name} as error:", "    self.log.append(str(error.args))")

    def exchange(self) -> None:
        inner = self.pick(f"{self.box()}.n", f"{self.number()}", f"{self.box()}.add({self.number()})")
        self.emit(
            "try:",
            f"    stateflow.delete({self.box()})",
            f"    {self.name()} = {inner}",
            "except EntityNotFound as error:",
            "    self.log.append(str(error.key))",
            f"    {self.box_name()} = Crate(f'f{{{self.simple()}}}.{self.own}', {self.number()})",
        )

    def fail(self) -> None:
        self.emit(
            self.one_of(
                lambda: f"{self.name()} = {self.box()}.fail({self.number()})",
                lambda: f"if {self.test()}: raise Stop({self.number()}, {self.list_name()})",
                lambda: f"if {self.test()}: raise ValueError({self.number()}) from Stop({self.number()})",
                lambda: f"if {self.test()} and self.t % 3 == 1: return {self.number()}, {self.list_name()}",
            )
        )

    def recurse(self) -> None:
        if self.flavour.is_async:
            run = self.pick("await self.run(a, b, xs[:1])", f"await {self.box_name()}.again(self, {self.box()}, [{self.number()}])")
        else:
            run = self.pick("self.run(b, a, ys)", f"{self.box_name()}.again(self, {self.box()}, [{self.number()}])")
        self.emit("if self.runs < 2:", "    self.runs += 1", f"    self.log.append(str(({run})[:2]))")

    # Functions and iterators that live on.

    def define(self) -> None:
        function, captured = self.new_name(), self.name()
        self.emit(f"def {function}(q, *more, box={self.box()}, extra={self.number()}):")
        self.emit(f"    nonlocal {captured}", f"    {captured} += q + {self.apart(self.number)}")
        self.emit(f"    return {captured} + {self.name() if self.chance(0.3) else 'q'} + extra - box.n")
        call = f"{self.name()} = {function}({self.number()})"
        self.emit(self.pick(call, f"fs.append({function})", f"{captured} = {function}(*xs[:1], 2)"))

    def keep(self) -> None:
        if self.chance(0.5):
            self.emit(f"fs.append(lambda q, r={self.number()}: q + r + {self.apart(self.number)})")
            return
        function = self.new_name()
        self.emit(
            f"def {function}(q):",
            f"    for w in range(q % 3): yield w + {self.apart(self.number)}",
            f"{function} = {function}({self.number()})",
            f"{self.name()} = next({function}, {self.number()})",
            f"{self.name()} = {self.number()}",
            f"{self.list_name()}.extend({function})",
        )

    def iterate(self) -> None:
        iterator = self.new_name()
        source = self.pick(f"iter({self.list_name()})", f"reversed({self.list_name()})", "iter(table)", f"enumerate({self.list_name()})")
        if self.chance(0.3):
            source = self.pick(f"iter({self.listing()})", self.mapped(), f"filtered({self.list_name()}, {self.box()})")
        self.emit(f"{iterator} = {source}", f"self.log.append(str(next({iterator}, None)))", f"{self.list_name()}.append({self.number()})")
        self.emit(f"self.log.extend(str(q) for q, _ in zip({iterator}, range(3)))")

    # Blocks.

    def branch(self) -> None:
        self.emit(f"if {self.test()}:")
        self.block(3)
        while self.chance(0.25):
            self.emit(f"elif {self.test()}:")
            self.block(2)
        if self.chance(0.5):
            self.emit("else:")
            self.block(2)

    def most_rounds(self) -> int:
        """Return how often a loop may go round. Loops in loops that each did so three times would take most of the time of all programs."""
        return 2 if self.loops else 3

    def loop(self) -> None:
        most = self.most_rounds()
        ranges = f"range({self.random.randrange(most + 1)})"
        source = self.pick(f"{self.listing()}[:{most}]", ranges, f"filtered({self.list_name()}[:{most - 1}], {self.box()})")
        target = self.name()
        if self.chance(0.25):
            target, source = f"({target}, self.t)", f"enumerate({source}, {self.number()})"
        elif self.chance(0.2):
            source = f"self.steps({self.box()}, {self.random.randrange(most + 1)})"
        self.emit(f"for {target} in {source}:")
        self.body()

    def grow(self) -> None:
        values = self.list_name()
        self.emit(f"for {self.name()} in {values}:")
        self.body(f"if len({values}) > {self.most_rounds() + 2} or {self.test()}: break", f"{values}.append({self.number()})")

    def each_box(self) -> None:
        self.emit(f"for {self.pick('q', 'a', 'b')} in boxes[:{self.most_rounds()}]:")
        self.body(f"{self.name()} = {self.number()}")

    def repeat(self) -> None:
        counter = self.new_name()
        self.emit(f"{counter} = 0")
        if self.chance(0.3):
            self.emit("while True:")
            self.body(f"if {counter} >= {self.most_rounds()} or {self.test()}: break", f"{counter} += 1")
            return
        self.emit(f"while {counter} < {self.most_rounds()} and {self.test()}:")
        self.body(f"{counter} += 1")

    def body(self, *before: str) -> None:
        self.loops += 1
        self.block(3, *before)
        self.loops -= 1
        if self.chance(0.4):
            self.emit("else:")
            self.block(2)

    def jump(self) -> None:
        self.emit(f"if {self.test()}: {self.pick('break', 'continue')}")

    def guard(self) -> None:
        managers = [f"Guard(self.log, {self.pick('True', 'False', self.test())})" for _ in range(self.random.choice((1, 1, 2)))]
        if self.flavour.syntax and self.chance(0.5):
            managers.append(f"{self.box()} as {self.name()}")
        if self.chance(0.3):
            managers[0] += f" as {self.new_name()}"
        self.emit(f"with {', '.join(managers)}:")
        self.block(3)

    def protect(self) -> None:
        self.emit("try:")
        self.block(3, *([f"{self.name()} = {self.box()}.fail({self.number()})"] if self.chance(0.4) else []))
        handlers = self.random.choice((0, 1, 1, 1, 2))
        for _ in range(handlers):
            self.handler()
        if handlers and self.chance(0.35):
            self.emit("else:")
            self.block(2)
        if not handlers or self.chance(0.4):
            self.emit("finally:")
            self.finish()

    def handler(self) -> None:
        self.emit(f"except {self.pick(*ERRORS)} as error:")
        before = ["self.log.append(str(error.args))"]
        if self.chance(0.3):
            before.append(
                self.pick(
                    "raise", f"raise KeyError({self.name()}) from error", f"raise Stop({self.number()})", "error.add_note('seen')",
                    "raise error from None", f"fs.append(lambda q, e=error: q + len(e.args) + {self.box_name()}.n)",
                )
            )  # fmt: skip
        self.block(2, *before)

    def finish(self) -> None:
        before = ["self.log.append(i)"]
        if self.chance(0.1):
            before.append(f"if {self.test()}: return {self.number()}")
        loops = self.loops
        # A `continue` in a `finally` is Python, but one that is always taken would never end.
        self.loops = loops if self.chance(0.3) else 0
        self.block(2, *before)
        self.loops = loops

    def match(self) -> None:
        self.emit(f"match {self.random.choice(self.subjects())}:")
        self.indent += 1
        for pattern in self.random.sample(self.patterns(), self.random.randrange(1, 5)):
            self.emit(f"case {pattern}{f' if {self.test()}' if self.chance(0.4) else ''}:")
            self.block(2)
        if self.chance(0.6):
            self.emit("case _:")
            self.block(2)
        self.indent -= 1

    def subjects(self) -> list[str]:
        """Return what a `match` may be about."""
        n = self.number
        return [n(), f"({n()}, {n()})", self.box(), self.list_name(), "pair", "table", f"[{n()}, {self.box_name()}]"]

    def patterns(self) -> list[str]:
        """Return what a `case` may ask for."""
        return [
            "0 | 1", "(i, j)", "Crate(n=k)", "Box(n=k, items=[first, *_])", "Pair(left=i, right=[*xs])", "{'x': k, **rest}", "[i, *ys]",
            "[int() as j, Box(n=0 | 1 | 2 as k)]", "Pair(int(), ys)", "int() as k", "[_, Crate() as a]", "Box(total=3)",
            f"Box(name='a{self.own}' | 'c{self.own}')",
        ]  # fmt: skip
