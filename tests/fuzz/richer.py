"""More forms: collections, functions as arguments, contexts, abandoned generators, values that reach entities, constants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fuzz.statements import Statements

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Richer"]


class Richer(Statements):
    """Makes what programs with the flavours `library` and `values` have besides."""

    def more_numbers(self) -> list[Callable[[], str]]:
        """Return what makes numbers of these kinds."""
        library = [self._of_collections, self._passed, self._starred, self._constant]
        return (library if self.flavour.library else []) + ([self._of_values] if self.flavour.values else [])

    def more_statements(self) -> list[Callable[[], None]]:
        """Return what adds statements of these kinds."""
        library = [self.fill, self.fill, self.abandon, self.watch, self.enter, self.hold]
        found = (library if self.flavour.library else []) + ([self.weigh, self.keep_safe] if self.flavour.values else [])
        return found + ([self.put_off, self.put_off, self.catch_up, self.catch_up] if self.can_wait else [])

    # Numbers.

    def _of_collections(self) -> str:
        n = self.number
        return self.one_of(
            lambda: f"(queue.{self.pick('pop', 'popleft')}() if queue else {n()})",
            lambda: f"sum(deque([{n()}, {n()}, {n()}], {self.random.randrange(4)}))",
            lambda: f"sum({self.pick('queue', 'counts.values()', 'counts.elements()')})",
            lambda: f"counts[{n()} % 4]",
            lambda: f"Counter({self.listing()}).total()",
            lambda: f"len(groups[{n()} % 2])",
            lambda: f"sum(q + {self.apart(n)} for q in queue)",
            lambda: f"(queue[{n()} % 2 - 1] if len(queue) > 1 else {n()})",
            lambda: f"len(OrderedDict([{self.pair_element()}]))",
            lambda: f"len(set({self.listing()}) {self.pick('|', '&', '-', '^')} {{{n()}, {n()}}})",
        )

    def function(self) -> str:
        """Return an expression whose value is a function of one number."""
        return self.one_of(
            lambda: f"{self.box()}.add",
            lambda: f"{self.box()}.{self.pick('secret', 'late', 'fail')}",
            lambda: "self.tick",
            lambda: f"functools.partial(helper, {self.box()})",
            lambda: f"functools.partial({self.box()}.late, {self.number()}, plus={self.number()})",
            lambda: "doubled",
            lambda: "Box.scale",
        )

    def _passed(self) -> str:
        n = self.number
        return self.one_of(
            lambda: f"applied({self.function()}, {n()})",
            lambda: f"applied(lambda q: q + {self.apart(n)}, {n()})",
            lambda: f"{self.box()}.use({self.pick('doubled', f'{self.box()}.add', f'{self.box()}.secret')}, {n()})",
            lambda: f"sum(map({self.function()}, {self.list_name()}[:2]))",
            lambda: f"max({self.list_name()} or [1], key={self.pick('doubled', f'{self.box_name()}.add', 'self.tick')})",
            lambda: f"({self.function()})({n()})",
            lambda: f"[{self.function()}, doubled][{n()} % 2]({n()})",
            lambda: f"functools.reduce(lambda q, w: q + w * {self.apart(n)}, {self.list_name()}[:3], {n()})",
        )

    def _starred(self) -> str:
        n = self.number
        return self.one_of(
            lambda: f"summed(*{self.box()}.items[:2], {n()}, *[{n()}], scale={n()})",
            lambda: f"summed({n()}, **{{'q': {n()}, 'scale': {n()}}}, w={n()})",
            lambda: f"{self.box()}.late(*{self.box()}.items[-2:], *{self.list_name()}[:1], **dict(plus={n()}))",
            lambda: f"summed(*({self.clause_element()}), *range({n()} % 3), **{{**table, 'x': {n()}}})",
            lambda: f"self.tick(*[{n()}])",
        )

    def _constant(self) -> str:
        held = self.pick("mark", "[mark][0]", "Pair(mark, 1).left", "(lambda: mark)()")
        return self.pick(f"sum({held})", f"({held} is NUMBERS)", f"(({held} is NUMBERS) + {self.number()} + (mark is NUMBERS))", "mark[-1]")

    def _of_values(self) -> str:
        n = self.number
        return self.one_of(
            lambda: "len(scale)",
            lambda: f"scale[{n()}]",
            lambda: f"(scale + {n()})",
            lambda: f"({n()} + scale)",
            lambda: f"scale({n()})",
            lambda: f"sum({self.pick('', 'list', 'sorted', 'tuple', 'iter')}(scale))",
            lambda: f"max(1, *scale, {n()})",
            lambda: f"({n()} in scale)",
            lambda: f"int(scale < {self.pick(n(), 'scale', f'Scale({self.box_name()}, {n()})')})",
            lambda: "scale.weight",
            lambda: f"{self.box()}.weigh(scale, {n()})",
            lambda: f"sorted([scale, Scale({self.box()}, {n()})])[0].factor",
            lambda: f"(1 if scale else {n()})",
            lambda: "len(f'{scale} {scale!r:>9}')",
        )

    # Statements.

    def fill(self) -> None:
        """Change a container."""
        n = self.number
        self.emit(
            self.one_of(
                lambda: f"queue.{self.pick('append', 'appendleft')}({n()})",
                lambda: f"queue.{self.pick('extend', 'extendleft')}({self.clause_element()})",
                lambda: f"queue.rotate({n()} % 3)",
                lambda: f"queue += [{n()}, {n()}]",
                lambda: f"queue = deque({self.listing()}, {self.random.randrange(1, 5)})",
                lambda: f"queue = {self.box()}.push(queue, {n()})",
                lambda: f"counts.update({self.clause_element()})",
                lambda: f"counts[{n()} % 4] += {n()}",
                lambda: f"counts = counts {self.pick('+', '-', '|')} Counter([{n()} % 4, {n()} % 4])",
                lambda: f"groups[{n()} % 2].append({n()})",
                lambda: f"groups[{n()} % 2] += [{n()}]",
                lambda: f"{self.list_name()} = groups[{n()} % 2]",
                lambda: f"{self.name()} = sum(v for _, v in sorted(counts.items()) if v > {self.apart(n)})",
            )
        )

    def abandon(self) -> None:
        """Make an iterator and never exhaust it."""
        iterator = self.new_name()
        source = self.one_of(
            lambda: f"filtered({self.list_name()}, {self.box()})",
            lambda: f"self.steps({self.box()}, {self.number()} % 4)",
            lambda: f"({self.clause_element()})",
            self.mapped,
            lambda: f"zip(self.steps({self.box()}, 3), {self.list_name()})",
        )
        self.emit(f"{iterator} = {source}", f"self.log.append(str(next({iterator}, {self.number()})))")
        self.emit(self.pick(f"{self.name()} = {self.number()}", f"del {iterator}", f"boxes.append({self.box_name()})"))

    def watch(self) -> None:
        """Run a generator that cleans up by calling an entity, and close it before its end."""
        iterator = self.new_name()
        self.emit(f"{iterator} = watched({self.list_name()}[:3], {self.box()}, self.log)", "try:", f"    {self.name()} = next({iterator})")
        step = self.pick(f"{iterator}.send({self.number()})", f"{iterator}.throw(Stop({self.number()}))", f"next({iterator})")
        self.emit(f"    {self.name()} = {step} + {self.number()}", "except (Stop, StopIteration) as error:")
        self.emit("    self.log.append(repr(error))", "finally:", f"    {iterator}.close()")

    def enter(self) -> None:
        """Open contexts of the library around a block."""
        item = self.one_of(
            lambda: f"contextlib.suppress({self.pick('Stop', 'ValueError, Stop', 'LookupError')})",
            lambda: f"contextlib.nullcontext({self.number()}) as {self.name()}",
            lambda: f"Guard(self.log, {self.test()}), contextlib.suppress(Stop)",
        )
        self.emit(f"with {item}:")
        self.block(3, *([f"{self.name()} = {self.box()}.fail({self.number()})"] if self.chance(0.5) else []))

    def hold(self) -> None:
        """Hold a module's constant, or a function, in a variable over what follows."""
        self.emit(
            self.one_of(
                lambda: f"mark = NUMBERS if {self.test()} else [{self.number()}]",
                lambda: f"self.log.append((mark is NUMBERS, {self.number()}, mark is NUMBERS))",
                lambda: f"fs.append({self.pick('doubled', 'self.tick', f'{self.box_name()}.add')})",
                lambda: f"assert (mark is NUMBERS) or {self.number()} is not None",
            )
        )

    def weigh(self) -> None:
        """Use a value whose special methods call an entity."""
        n = self.number
        self.emit(
            self.one_of(
                lambda: f"scale = Scale({self.box()}, {n()})",
                lambda: f"scale.factor, {self.name()} = {n()}, {n()}",
                lambda: f"scale[{n()}] = {n()}",
                lambda: f"scale += {n()}",
                lambda: f"{self.list_name()} = [*scale, {n()}]",
                lambda: f"{self.name()}, {self.name()} = scale",
                lambda: f"for {self.name()} in scale: self.log.append({n()})",
                lambda: f"scale.weight = {n()}",
                lambda: f"print(scale, {n()})",
                lambda: f"self.log.append(({self.name()} == scale, scale == Scale({self.box()}, {n()})))",
            )
        )

    def subjects(self) -> list[str]:
        """Return what a `match` may be about, values of classes of the program among it."""
        n, more = self.number, []
        if self.flavour.values:
            more = ["scale", f"[scale, {n()}]", f"Pair(scale, {self.box_name()})", f"Scale({self.box()}, {n()})"]
        return [*super().subjects(), f"Pair({n()}, {self.box()})", f"[pair, Pair({n()}, {n()})]", f"Pair(pair, {self.listing()})", *more]

    def patterns(self) -> list[str]:
        """Return what a `case` may ask for, classes of values with positions and keywords among it."""
        more = [
            "Pair(i, Box(n=k))", "Pair(right=Box(name=str() as q))", "[Pair(int(j), _), Pair(right=k)]", "Pair(Pair(i, [*ys]), [j, *_])",
            "Pair(left=Pair(left=0 | 1 | 2)) | Pair(left=3)", "Pair(_, Crate() | Box(n=int())) as q", "list(ys)", "int(j) | bool(j)",
            "dict(x=1) | {'x': int()}", "[Pair(), *_]", "Pair(left=None | int() as i, right=Box(total=j))",
        ]  # fmt: skip
        if self.flavour.values:
            more += ["Scale(Box(n=k), j)", "Scale(weight=i, factor=1 | 2 | 3 as k)", "[Scale(factor=j) as scale, *_]", "Pair(Scale(), b)"]
        return [*super().patterns(), *more]

    def put_off(self) -> None:
        """Make a coroutine that is awaited later, or never."""
        n = self.number
        self.emit(
            self.one_of(
                lambda: f"later.append({self.box()}.soon({n()}))",
                lambda: f"later += [{self.box_name()}.soon(q) for q in {self.list_name()}[:2]]",
                lambda: f"later.append(self.wait({self.box()}, {n()}, later[:1]))",
                lambda: f"later.insert(0, {self.box_name()}.soon({n()}))",
            )
        )

    def catch_up(self) -> None:
        """Await, close or forget what was put off; one that is awaited twice raises."""
        name = self.name()
        self.emit(
            self.one_of(
                lambda: f"{name} = (await later.pop()) if later else {self.number()}",
                lambda: f"{name} = sum(await asyncio.gather(*later, {self.box()}.soon({self.number()})))",
                lambda: "self.log += [repr(q) for q in await asyncio.gather(*later, return_exceptions=True)]",
                lambda: f"{name}, later = sum([await q for q in later]) + {self.number()}, []",
                lambda: "later and later[-1].close()",
                lambda: "del later[1:]",
            )
        )

    def keep_safe(self) -> None:
        """Open contexts whose special methods call an entity around a block."""
        self.emit(f"with {self.pick(f'Keeper({self.box()}, self.log)', f'scale, Keeper({self.box_name()}, self.log)')} as {self.name()}:")
        self.block(3, *([f"{self.name()} = {self.box()}.fail({self.number()})"] if self.chance(0.5) else []))
