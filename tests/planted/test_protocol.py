"""Each bug that is planted in the protocol is found by the simulation within a number of seeds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stateflow.runtime.simulation import Result, simulate
from tests.planted.protocol_bugs import BUGS, ProtocolBug

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "simulation.md"

pytestmark = pytest.mark.slow


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
    assert hunt(bug) is not None
