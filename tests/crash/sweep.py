"""Crashes of one program at every fail point that it passes, and what it answers when all its requests are sent again."""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from stateflow.failpoints import watch
from stateflow.options import LocalOptions
from tests.crash.images import NAME, Image, put, take, torn, without_index
from tests.crash.world import DurableWorld
from tests.judge.compiled import Compiled, own_key
from tests.judge.corpus import Program
from tests.judge.judge import judge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from stateflow.dataflow import Dataflow
    from tests.judge.world import Run

__all__ = ["Crash", "Sweep", "SweptProgram"]

# Small bounds, so that the cache drops entities too.
_OPTIONS = LocalOptions(cache_bytes=4_000)


class Crash(NamedTuple):
    """One moment: the fail point, how often it had been reached, the files, and which requests had been answered."""

    point: str
    nth: int
    image: Image
    acknowledged: list[str]

    def __str__(self) -> str:
        return f"{self.point}:{self.nth}"


@dataclass
class Sweep:
    """What came out of the crashes of one program."""

    crashes: int = 0
    problems: list[str] = field(default_factory=list)
    points: Counter[str] = field(default_factory=Counter)


class SweptProgram:
    """One program, compiled once.

    Args:
        program: the program.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        _, known = judge(program)
        compiled = Compiled(program)
        self._module: ModuleType = compiled.module
        self._flow: Dataflow = compiled.flow
        self._known = [(getattr(self._module, name), own_key(self._module, key)) for name, key in known]
        self.clean, self.crashes = self._run_clean()

    def sweep(self, draw: random.Random, limit: int | None = None) -> Sweep:
        """Let the process be killed at every moment (at `limit` of them, when given), and the power fail between them."""
        sweep = Sweep()
        chosen = self.crashes if limit is None else draw.sample(self.crashes, min(limit, len(self.crashes)))
        for crash in chosen:
            self._try(sweep, crash, crash.image, f"killed at {crash}")
        for crash, image, text in self._power_failures(draw, limit):
            self._try(sweep, crash, without_index(image, draw), text)
        return sweep

    def _run_clean(self) -> tuple[Run, list[Crash]]:
        crashes: list[Crash] = []
        reached: Counter[str] = Counter()
        with _folder() as folder, DurableWorld(self._flow, folder / NAME, _OPTIONS) as world:

            def reach(point: str) -> None:
                reached[point] += 1
                crashes.append(Crash(point, reached[point], take(folder / NAME), world.client.acknowledged()))

            with watch(reach):
                self._module.script(world)
            return world.finish(self._known), crashes

    def _power_failures(self, draw: random.Random, limit: int | None) -> Iterator[tuple[Crash, Image, str]]:
        commits = [
            (before, after)
            for before, after in zip(self.crashes, self.crashes[1:], strict=False)
            if (before.point, after.point) == ("before-commit", "after-commit")
        ]
        for before, after in commits if limit is None else draw.sample(commits, min(limit // 4 + 1, len(commits))):
            yield before, torn(before.image, after.image, "-wal", draw), f"the power failed in the commit after {before}"
            lock = f"{NAME}-lock"
            yield after, {**after.image, lock: before.image[lock]}, f"the power failed after the commit before {after}"
        if commits:
            last = commits[-1][1]
            yield last, torn(last.image, _checkpointed(last.image), "", draw), f"the power failed in a checkpoint after {last}"

    def _try(self, sweep: Sweep, crash: Crash, image: Image, text: str) -> None:
        sweep.crashes += 1
        sweep.points[crash.point] += 1
        try:
            problem = self._problem(image, crash.acknowledged)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        if problem is not None:
            sweep.problems.append(f"{self.program.name}, {text}: {problem}")

    def _problem(self, image: Image, acknowledged: list[str]) -> str | None:
        """Open what the crash left, send all requests again, and say what is wrong."""
        with _folder() as folder, DurableWorld(self._flow, put(image, folder), _OPTIONS) as world:
            if lost := world.forgotten(acknowledged):
                return f"answered before the crash and forgotten: {lost}"
            self._module.script(world)
            return _difference(self.clean, world.finish(self._known))


def _difference(clean: Run, again: Run) -> str | None:
    """Compare all but what was printed: what is only answered again prints nothing again."""
    for index, (expected, actual) in enumerate(zip(clean.outcomes, again.outcomes, strict=True)):
        if (expected.request, expected.answer) != (actual.request, actual.answer):
            return f"request {index + 1}, {expected.request}: first {expected.answer}, again {actual.answer}"
    for entity in clean.states.keys() | again.states.keys():
        if clean.states.get(entity) != again.states.get(entity):
            return f"{entity}: {clean.states.get(entity)} without the crash, {again.states.get(entity)} with it"
    return None


def _checkpointed(image: Image) -> Image:
    with _folder() as folder:
        connection: Any = sqlite3.connect(put(image, folder))
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            return take(folder / NAME)
        finally:
            connection.close()


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="stateflow-crash-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
