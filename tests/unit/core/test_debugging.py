"""Debuggers, coverage and tracebacks show the user's own lines of compiled methods."""

from __future__ import annotations

import subprocess
import sys
import traceback
from typing import TYPE_CHECKING

import pytest

import stateflow
from stateflow.core.tracebacks import TRACEBACK_SHAPE
from stateflow.limits import TRACEBACK_ENTRIES
from stateflow.runtime.local import LocalRuntime

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

PROGRAM = """\
import stateflow
from stateflow.runtime.local import LocalRuntime


@stateflow.entity
class Lamp:
    def __init__(self, name, watts):
        self.name, self.watts = name, watts

    def __key__(self):
        return self.name

    def compare(self, other):
        theirs = other.watts
        breakpoint()
        total = theirs + other.watts
        if total > 1000:
            total = 0
        return total


with LocalRuntime(stateflow.init(Lamp)) as runtime, runtime.client() as client:
    one, two = client.create(Lamp, "one", 40).get(), client.create(Lamp, "two", 60).get()
    print("answer", client.call(one, "compare", two).get())
"""


Shown = list[tuple[str, str | None]]


def shown(found: TracebackType | None) -> Shown:
    """Return the function and the source line of each entry of a traceback."""
    return [(entry.name, entry.line) for entry in traceback.extract_tb(found)]


class Watch:
    """Keeps the traceback with which its block was left."""

    def __init__(self) -> None:
        self.seen: list[Shown] = []
        self.names: list[str] = []

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, kind: object, error: object, found: TracebackType | None) -> bool:
        self.seen.append(shown(found))
        return True


@stateflow.entity
class Valve:
    def __init__(self, name: str) -> None:
        self.name = name

    def __key__(self) -> str:
        return self.name

    def burst(self, pressure: int) -> None:
        raise ValueError(pressure)

    def press(self, other: Valve) -> None:
        other.burst(9)

    def catch(self, between: Valve, last: Valve) -> Shown:
        try:
            between.press(last)
        except ValueError as error:
            told = between.name + last.name
            return [(told, None), *shown(error.__traceback__)]
        return []

    def keep(self, other: Valve) -> list[Shown]:
        with Watch() as watch:
            try:
                other.burst(1)
            finally:
                watch.seen.append(shown(sys.exc_info()[2]))
                watch.names.append(other.name)
                watch.seen.append(shown(sys.exc_info()[2]))
        return watch.seen

    def pass_on(self, between: Valve, last: Valve) -> None:
        between.press(last)


def test_breakpoint_stops_at_the_users_line_with_the_users_variables(tmp_path: Path) -> None:
    (tmp_path / "lamp.py").write_text(PROGRAM)
    commands = "p theirs\nuntil\np total\ncontinue\n"
    ended = subprocess.run(
        [sys.executable, "lamp.py"], cwd=tmp_path, input=commands, capture_output=True, text=True, timeout=60, check=True
    )
    assert "lamp.py(16)compare()" in ended.stdout
    assert "-> total = theirs + other.watts" in ended.stdout
    assert "(Pdb) 60" in ended.stdout
    assert "lamp.py(17)compare()" in ended.stdout
    assert "(Pdb) 120" in ended.stdout
    assert "answer 120" in ended.stdout


def test_coverage_counts_the_lines_that_ran_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "lamp.py").write_text(PROGRAM.replace("        breakpoint()\n", ""))
    # Requests run in the engine's thread, which coverage follows by itself.
    subprocess.run([sys.executable, "-m", "coverage", "run", "lamp.py"], cwd=tmp_path, capture_output=True, timeout=60, check=True)
    report = subprocess.run(
        [sys.executable, "-m", "coverage", "report", "-m", "--include", "lamp.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert report.stdout.splitlines()[2].split()[-1] == "17"


@pytest.mark.parametrize("suspends", [False, True])
def test_a_traceback_shows_the_users_line_in_each_entity(suspends: bool) -> None:
    with LocalRuntime(stateflow.init(Valve), suspend_everywhere=suspends) as runtime, runtime.client() as client:
        one, two, three = [client.create(Valve, name).get() for name in ("one", "two", "three")]
        with pytest.raises(ValueError, match="9") as caught:
            client.call(Valve.pass_on, one, two, three).get()
    shown = [(f.name, f.line) for f in traceback.extract_tb(caught.value.__traceback__)]
    assert shown[-3:] == [("pass_on", "between.press(last)"), ("press", "other.burst(9)"), ("burst", "raise ValueError(pressure)")]


@pytest.mark.parametrize("suspends", [False, True])
def test_a_handler_sees_the_users_lines_only_also_after_a_suspension(suspends: bool) -> None:
    with LocalRuntime(stateflow.init(Valve), suspend_everywhere=suspends) as runtime, runtime.client() as client:
        one, two, three = [client.create(Valve, name).get() for name in ("one", "two", "three")]
        caught = client.call(Valve.catch, one, two, three).get()
        kept = client.call(Valve.keep, one, two).get()
    below = [("press", "other.burst(9)"), ("burst", "raise ValueError(pressure)")]
    assert caught == [("twothree", None), ("catch", "between.press(last)"), *below]
    inside = [("keep", "other.burst(1)"), ("burst", "raise ValueError(pressure)")]
    assert kept[0] == kept[1] == inside
    assert kept[2][-2:] == inside


def test_a_traceback_in_bytes_has_the_innermost_entries_and_must_be_made_of_entries() -> None:
    def fall(depth: int) -> None:
        if depth:
            fall(depth - 1)
        raise KeyError(depth)

    with pytest.raises(KeyError) as caught:
        fall(2 * TRACEBACK_ENTRIES)
    again = TRACEBACK_SHAPE.build(TRACEBACK_SHAPE.flatten(caught.value.__traceback__))
    assert shown(again) == shown(caught.value.__traceback__)[-TRACEBACK_ENTRIES:]
    assert [entry.colno for entry in traceback.extract_tb(again)] == [None] * TRACEBACK_ENTRIES
    for wrong in (["a.py", "f", "1"], ["a.py", 3, 1], [b"a.py", "f", 1]):
        with pytest.raises(TypeError):
            TRACEBACK_SHAPE.build(wrong)
