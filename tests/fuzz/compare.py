"""Run a generated program by CPython and compiled, and say how the answers differ."""

from __future__ import annotations

import functools
import itertools
import linecache
import signal
import sys
import types
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.judge.compiled import Compiled, Mode
from tests.judge.judge import judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.judge.world import Run

__all__ = ["Difference", "Generated", "TooLong", "difference"]

MODULE = "generated_program"
DEADLINE_S = 60
_AGAIN_S = 0.1
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Difference:
    """How one mode differed. Differences of one `kind` are likely to have one cause."""

    mode: str
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.mode}: {self.text}"


class TooLong(Exception):
    """A request takes more operations than a transaction may, which is a declared limit; or CPython itself does not end in time."""


class Generated:
    """A program that exists as text only; each loading runs the text anew."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.filename = f"<generated {next(_numbers)}>"

    @functools.cached_property
    def _code(self) -> types.CodeType:
        return compile(self.source, self.filename, "exec", dont_inherit=True)

    def load(self) -> types.ModuleType:
        """Run the program's module, whose source can be inspected until `forget`."""
        lines = self.source.splitlines(keepends=True)
        linecache.cache[self.filename] = (len(self.source), None, lines, self.filename)
        module = types.ModuleType(MODULE)
        module.__file__ = self.filename
        sys.modules[MODULE] = module
        exec(self._code, vars(module))
        return module

    def forget(self) -> None:
        """Drop the source and the module."""
        linecache.cache.pop(self.filename, None)
        sys.modules.pop(MODULE, None)


def difference(source: str, deadline_s: float = DEADLINE_S) -> Difference | None:
    """Return how the compiled form of a program differs from CPython; None when it does not.

    Args:
        source: the program.
        deadline_s: the processor time that it may take; time on the wall would count what else the machine does.

    Raises:
        TimeoutError: it took longer.
        TooLong: a request of it takes more operations than a transaction may, or CPython does not end with it in time.
    """
    program = Generated(source)
    try:
        # Again and again, as a clean-up of the program may hold up the first.
        signal.setitimer(signal.ITIMER_PROF, deadline_s, _AGAIN_S)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = next(_differences(program), None)
        signal.setitimer(signal.ITIMER_PROF, 0)
    except BaseException as error:
        signal.setitimer(signal.ITIMER_PROF, 0)
        if type(error) is _Late:
            raise TimeoutError("the program did not end within its deadline") from None
        raise
    else:
        return found
    finally:
        program.forget()


def _differences(program: Generated) -> Iterator[Difference]:
    try:
        expected, known = judge(program)
    except _Late:
        raise TooLong from None
    try:
        compiled = Compiled(program)
    except Exception as error:
        yield Difference("compiler", type(error).__name__, str(error))
        return
    for mode in (Mode.INLINE, Mode.SUSPENDED):
        try:
            actual = compiled.run(mode, known, in_this_thread=True)
        except Exception as error:
            yield Difference(mode.value, type(error).__name__, f"{type(error).__name__}: {error}")
        else:
            yield from _compare(mode, actual, expected)


def _compare(mode: Mode, actual: Run, expected: Run) -> Iterator[Difference]:
    if any(outcome.error_name == "LimitExceeded" and "operations on entities" in str(outcome.answer) for outcome in actual.outcomes):
        raise TooLong
    for number, (got, wanted) in enumerate(zip(actual.outcomes, expected.outcomes, strict=True)):
        if got != wanted:
            kind = f"{got.request}: {got.error_name} for {wanted.error_name}"
            yield Difference(mode.value, kind, f"request {number}: got {got}, CPython {wanted}")
    if actual.states != expected.states:
        yield Difference(mode.value, "states", f"states {actual.states}, CPython {expected.states}")


class _Late(KeyboardInterrupt):
    """The deadline has passed. A program that catches every `Exception` does not catch this, and a world does not take it for an answer."""


def _on_alarm(*_: object) -> None:
    raise _Late


signal.signal(signal.SIGPROF, _on_alarm)
