"""Debuggers, coverage and tracebacks show the user's own lines of compiled methods."""

from __future__ import annotations

import subprocess
import sys
import traceback
from typing import TYPE_CHECKING

import pytest

import stateflow
from stateflow.runtime.local import LocalRuntime

if TYPE_CHECKING:
    from pathlib import Path

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
