"""Random expressions over numbers, tests, lists and entities, in which every operand may reach another entity."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from tests.fuzz.preamble import Flavour

__all__ = ["BOXES", "LISTS", "NAMES", "Expressions"]

NAMES = ("i", "j", "k")
LISTS = ("xs", "ys", "zs")
BOXES = ("a", "b")
MOST_DEPTH = 2

class Expressions:
    """Makes expressions as text.

    `can_bind` says that `:=` is allowed, `can_wait` that `await` is, `can_recurse` that functions in `fs` may be called.
    """

    def __init__(self, choices: random.Random, flavour: Flavour) -> None:
        self.random = choices
        self.flavour = flavour
        self.can_bind = self.can_recurse = True
        self.can_wait = flavour.is_async
        self.fresh = 0
        self.depth = 0

    def chance(self, share: float) -> bool:
        """Answer yes with a probability."""
        return self.random.random() < share

    def pick(self, *choices: str) -> str:
        """Return one of some texts."""
        return self.random.choice(choices)

    def name(self) -> str:
        """Return a variable that holds a number."""
        return self.random.choice(NAMES)

    def list_name(self) -> str:
        """Return a variable that holds a list of numbers."""
        return self.random.choice(LISTS)

    def box_name(self) -> str:
        """Return a variable that holds an entity."""
        return self.random.choice(BOXES)

    def new_name(self) -> str:
        """Return a name that is used nowhere else."""
        self.fresh += 1
        return f"v{self.fresh}"

    def one_of(self, *forms: Callable[[], str]) -> str:
        """Return what one of some functions makes."""
        self.depth += 1
        try:
            return self.random.choice(forms)()
        finally:
            self.depth -= 1

    def apart(self, make: Callable[[], str], *, binds: bool = False) -> str:
        """Return what a function makes inside a lambda, generator or nested function: no `await` there, and `:=` with `binds` only."""
        before = self.can_bind, self.can_wait, self.can_recurse
        self.can_bind, self.can_wait, self.can_recurse = self.can_bind and binds, False, False
        try:
            return make()
        finally:
            self.can_bind, self.can_wait, self.can_recurse = before

    # Entities.

    def box(self) -> str:
        """Return an expression whose value is an entity."""
        if self.depth > MOST_DEPTH or self.chance(0.7):
            return self.box_name()
        return self.one_of(
            lambda: f"boxes[{self.number()} % len(boxes)]",
            lambda: f"({self.box_name()} if {self.test()} else {self.box_name()})",
            lambda: f"({self.box_name()} or {self.box_name()})",
            lambda: f"[{self.box_name()}, *boxes][{self.number()} % 2]",
            lambda: f"max(boxes, key=lambda q: {self.apart(lambda: self.pick('q.n', '-q.n', 'q.add(1)'))})",
            lambda: f"{self.box_name()}.pair({self.box_name()}, {self.number()}).left",
        )

    # Numbers.

    def simple(self) -> str:
        """Return an expression whose value is a number and which has no quotes in it, as f-strings need it before Python 3.12."""
        return self.pick(self.name(), f"{self.box_name()}.n", f"{self.box_name()}.add({self.name()})", f"self.tick({self.name()})")

    def number(self) -> str:
        """Return an expression whose value is a number."""
        if self.depth > MOST_DEPTH:
            return self.pick(self.name(), str(self.random.randrange(9)), f"{self.box_name()}.n")
        groups = [self._plain, self._plain, self._remote, self._remote, self._call, self._consumed, self._function, self._choice]
        if self.flavour.syntax:
            groups.append(self._syntax)
        if self.can_wait:
            groups.append(self._awaited)
        return self.random.choice(groups + self.more_numbers())()

    def more_numbers(self) -> list[Callable[[], str]]:
        """Return what makes numbers of further kinds."""
        return []

    def _plain(self) -> str:
        n = self.number
        return self.one_of(
            self.name,
            lambda: str(self.random.randrange(9)),
            lambda: f"({n()} {self.pick('+', '-', '*', '^', '&')} {n()})",
            lambda: f"({n()} {self.pick('//', '%')} {self.pick('3', '7', f'({n()} or 5)')})",
            lambda: f"{self.pick('-', '~', '+')}{n()}",
            lambda: f"len({self.listing()})",
            lambda: f"({self.name()} := {n()})" if self.can_bind else n(),
            lambda: self.pick("LIMIT", "pair.left", "len(pair.right)", "table['x']", f"table.get('y', {n()})"),
            lambda: f"int(f'{{{self.name()} + {self.simple()}:{self.pick('>4', '05', '')}}}')",
            lambda: f"len(f'{{{self.box_name()}.name!r}}{{{self.simple()}:>{{{self.simple()} % 9}}}}')",
            self._changed_meanwhile,
            lambda: f"divmod({n()}, {self.pick('3', '7')})[{self.random.randrange(2)}]",
            lambda: f"({self.list_name()} or [{n()}])[{n()} % 2 - 1]",
            lambda: f"sum({self.list_name()}[{n()} % 3:{self.pick('', n())}])",
        )

    def _changed_meanwhile(self) -> str:
        """Return what reads a variable before a remote call, after which it changes."""
        name = self.name()
        changed = f"({name} := {self.number()})" if self.can_bind else name
        return self.pick(f"({name} + {self.number()} - {changed})", f"summed({name}, {self.number()}, {changed}, {name})")

    def _remote(self) -> str:
        n, box = self.number, self.box
        return self.one_of(
            lambda: f"{box()}.n",
            lambda: f"{box()}.add({n()})",
            lambda: f"{box()}.ask(self, {n()})",
            lambda: f"{box()}.{self.pick('total', 'level')}",
            lambda: f"{box()}.bump({n()})",
            lambda: f"{box()}.bounce({box()}, {n()} % 4)",
            lambda: f"{box()}.secret({n()})",
            lambda: f"{box()}.late({n()}, *{self.list_name()}[:2], plus={n()}, **{{'q': {n()}}})",
            lambda: f"{box()}.items[{self.pick('0', '-1')}]",
            lambda: f"len({box()}.named({n()}))",
            lambda: f"getattr({box()}, {self.pick(repr('n'), repr('gone'))}, {n()})",
            lambda: f"{box()}.pair({n()}, {self.list_name()}).swap().right",
        )

    def _call(self) -> str:
        n, box = self.number, self.box
        return self.one_of(
            lambda: f"self.tick({n()})",
            lambda: f"helper({box()}, {n()})",
            lambda: f"summed({n()}, *{self.list_name()}[:2], scale={n()}, **{{'q': {n()}}})",
            lambda: f"descend({box()}, {n()} % 3)",
            lambda: f"Box.scale({n()})",
            lambda: f"max({n()}, {n()})",
            lambda: f"(fs[-1]({n()}) if fs else {n()})" if self.can_recurse else n(),
            lambda: f"summed(*[{n()}, {n()}])",
        )

    def _consumed(self) -> str:
        n = self.number
        return self.one_of(
            lambda: f"sum({self.comprehension()})",
            lambda: f"len({{{self.clause_element()}}})",
            lambda: f"sum(dict({self.pair_element()}).values())",
            lambda: f"len({{*({self.clause_element()})}})",
            lambda: f"sum({self.dict_comprehension()}.values())",
            lambda: f"sum({self.mapped()})",
            lambda: f"sum(filtered({self.list_name()}[:3], {self.box()}))",
            lambda: f"sum(self.steps({self.box()}, {n()} % 3))",
            lambda: f"next(({self.clause_element()}), {n()})",
            lambda: f"next(iter({self.list_name()}), {n()})",
            lambda: f"sum(q * {self.apart(n, binds=True)} for q, _ in zip({self.list_name()}[:2], {self.list_name()}))",
            lambda: f"sum(q + w for q, w in enumerate(reversed({self.list_name()}[:3]), {self.simple()}))",
            lambda: f"min([{n()}, *{self.list_name()}[:2]], key=lambda q: {self.apart(self._keyed)})",
            lambda: f"sum(q.n for q in sorted(boxes, key=lambda w: {self.apart(self._box_key)}))",
        )

    def _keyed(self) -> str:
        return self.pick(f"q - {self.box_name()}.n", f"{self.box_name()}.add(q) % 5", "-q", f"(q % 3, {self.name()})")

    def _box_key(self) -> str:
        return self.pick("w.n", "(w.total, w.name)", "-w.add(2)", "w.name")

    def _function(self) -> str:
        n = self.number
        return self.one_of(
            lambda: f"(lambda q, r={n()}: q + r + {self.apart(n)})({n()})",
            lambda: f"(lambda *q, r={n()}: sum(q) + r + {self.apart(n)})(*{self.list_name()}[:2])",
            lambda: f"(lambda: {self.apart(n)})()",
        )

    def _choice(self) -> str:
        n = self.number
        return self.one_of(
            lambda: f"({n()} if {self.test()} else {n()})",
            lambda: f"({n()} or {n()})",
            lambda: f"({n()} and {n()})",
            lambda: f"[{n()}, {n()}][{self.test()}]",
            lambda: f"{{True: {n()}, False: {n()}}}[bool({self.test()})]",
        )

    def _syntax(self) -> str:
        n, box = self.number, self.box
        return self.one_of(
            lambda: f"len({box()})",
            lambda: f"{box()}[{n()}]",
            lambda: f"({box()} + {n()})",
            lambda: f"({n()} + {box()})",
            lambda: f"{box()}({n()})",
            lambda: f"sum({box()})",
            lambda: f"sum({self.pick('list', 'tuple', 'set', 'sorted', 'list', 'tuple')}({self.pick('', 'reversed')}({box()})))",
            lambda: f"max(0, *{box()})",
            lambda: f"sum([*{box()}, *{self.list_name()}[:1]])",
        )

    def _awaited(self) -> str:
        n, box = self.number, self.box
        return self.one_of(
            lambda: f"(await {box()}.soon({n()}))",
            lambda: f"sum(await asyncio.gather({box()}.soon({n()}), {box()}.soon({n()})))",
            lambda: f"sum([await {self.box_name()}.soon(q) for q in {self.list_name()}[:2]])",
            lambda: f"sum(await asyncio.gather(*[{self.box_name()}.soon(q) for q in {self.list_name()}[:2]], {box()}.soon({n()})))",
        )

    # Tests.

    def test(self) -> str:
        """Return an expression whose truth is asked for."""
        n = self.number
        forms = [
            lambda: f"{n()} {self.pick('<', '<=', '>', '==', '!=')} {n()}",
            lambda: f"0 <= {n()} < {n()}",
            lambda: f"{n()} > {n()} == {n()}",
            lambda: f"not ({n()} > 4)",
            lambda: f"({n()} > 2 and {n()} > 1)",
            lambda: f"({n()} > 9 or {n()} > 5)",
            lambda: f"{n()} {self.pick('in', 'not in')} {self.listing()}",
            lambda: f"{n()} in ({self.clause_element()})",
            lambda: f"any({self.apart(n, binds=True)} > q for q in {self.pick(self.list_name(), f'{self.box_name()}.items')})",
            lambda: f"all({self.clause_element()})",
            lambda: f"{self.box()} {self.pick('is', 'is not', '==', 'in boxes and a ==')} {self.box_name()}",
            lambda: f"isinstance({self.box()}, {self.pick('Crate', '(Crate, Pair)', 'Counted')})",
            lambda: f"type({self.box()}) is {self.pick('Crate', 'Box')}",
            lambda: f"hasattr({self.box()}, {self.pick(repr('n'), repr('extra'))})",
        ]
        if self.flavour.syntax:
            forms += [lambda: f"{n()} in {self.box()}", lambda: f"{self.box()} < {self.box()}", lambda: f"{self.box()} < {n()}", self.box]
        return f"({self.one_of(*forms)})"

    # Lists.

    def listing(self) -> str:
        """Return an expression whose value is a list of numbers."""
        n = self.number
        if self.depth > MOST_DEPTH:
            return self.list_name()
        return self.one_of(
            self.list_name,
            lambda: f"{self.box()}.items",
            lambda: f"[{n()}, {n()}]",
            lambda: f"[*{self.list_name()}[:2], {n()}]",
            lambda: f"sorted({self.list_name()}[:4], key=lambda q: {self.apart(self._keyed)})",
            lambda: f"list(filtered({self.list_name()}[:3], {self.box()}))",
            lambda: f"list({self.mapped()})",
            lambda: f"[{self.clause_element()}]",
        )

    def mapped(self) -> str:
        """Return a `map` or `filter` over a list."""
        key = self.apart(self._keyed).replace("(q % 3, ", "(q + ")
        return f"{self.pick('map', 'filter')}(lambda q: {key}, {self.list_name()}[:3])"

    def comprehension(self) -> str:
        """Return a list comprehension or a generator expression."""
        text = self.clause_element()
        return f"[{text}]" if self.chance(0.5) else f"({text})"

    def clause_element(self) -> str:
        """Return what stands inside the brackets of a comprehension. A walrus in its iterable is no Python."""
        variable = self.new_name()

        def make() -> str:
            element = f"{variable} + {self.number()}"
            condition = f" if {variable} < {self.number()}" if self.chance(0.4) else ""
            if self.chance(0.2):
                other = self.new_name()
                return f"{element} * {other} for {variable} in {self.list_name()}[:3] for {other} in {self.list_name()}[:2]{condition}"
            iterable = self.pick(f"{self.list_name()}[:3]", f"{self.box_name()}.items[-2:]", f"range({self.random.randrange(3)})")
            return f"{element} for {variable} in {iterable}{condition}"

        return self.apart(make, binds=True)

    def pair_element(self) -> str:
        """Return what stands inside the brackets of a generator of keys and values."""
        variable = self.new_name()
        return self.apart(lambda: f"({variable} % 3, {self.number()}) for {variable} in {self.list_name()}[:3]", binds=True)

    def dict_comprehension(self) -> str:
        """Return a dict comprehension whose values are numbers."""
        variable = self.new_name()
        return self.apart(lambda: f"{{{variable} % 3: {self.number()} for {variable} in {self.list_name()}[:3]}}", binds=True)
