"""Each bug that is planted in the protocol is found by the simulation within a number of seeds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from stateflow.runtime.simulation import Result, simulate
from tests.planted import ending_bugs, fetching_bugs, protocol_bugs, telling_bugs
from tests.planted.hash_bugs import BUGS as HASH_BUGS
from tests.planted.protocol_bug import ProtocolBug

BUGS = [*protocol_bugs.BUGS, *ending_bugs.BUGS, *fetching_bugs.BUGS, *telling_bugs.BUGS]
PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "simulation.md"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def hunt(bug: ProtocolBug) -> Result | None:
    """Return the first run that shows a planted bug."""
    for seed in range(bug.seeds):
        result = simulate(replace(bug.setting, seed=seed))
        if result.violations:
            return result
    return None


@pytest.mark.parametrize("bug", [pytest.param(bug, id=bug.name) for bug in BUGS])
def test_planted_bug_is_found(bug: ProtocolBug, monkeypatch: pytest.MonkeyPatch) -> None:
    bug.plant(monkeypatch)
    found = hunt(bug)
    assert found is not None
    # A bug whose code no longer fits the core is none.
    assert not re.search("AttributeError|TypeError|NameError", "".join(map(str, found.violations)))


def test_seeds_that_find_bugs_are_sound_without_them() -> None:
    settings = {repr(bug.setting): bug.setting for bug in BUGS}
    for setting in settings.values():
        for seed in range(20):
            assert simulate(replace(setting, seed=seed)).violations == []


@pytest.mark.process
@pytest.mark.parametrize("name", ["none", *HASH_BUGS])
def test_bug_that_depends_on_the_hash_seed_is_found_by_comparing_two_processes(name: str) -> None:
    first, second = (_print_in_process(hash_seed, name) for hash_seed in ("0", "4242"))
    assert (first == second) is (name == "none")


def test_every_planted_bug_is_in_the_table() -> None:
    text = PAGE.read_text()
    assert [name for name in (*(bug.name for bug in BUGS), *HASH_BUGS) if name.replace("_", " ") not in text] == []


def _print_in_process(hash_seed: str, name: str) -> bytes:
    command = [sys.executable, "-m", "tests.planted.hash_bugs", name, "3"]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    return subprocess.run(command, env=environment, cwd=PAGE.parents[2], capture_output=True, check=True, timeout=500).stdout
