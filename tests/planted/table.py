"""The table of planted bugs in docs/explanation/simulation.md: `python -m tests.planted.table` plants each and writes what found it."""

from __future__ import annotations

import pytest

from stateflow.histories.history import Anomaly
from tests.planted.test_protocol import BUGS, PAGE, hunt

WORDS = {
    Anomaly.CYCLE: "no order explains it",
    Anomaly.DIRTY_READ: "read from an aborted one",
    Anomaly.DUPLICATE_EFFECT: "an effect too many",
    Anomaly.GAP: "a version of nobody",
    Anomaly.INVARIANT: "a sum that must be constant",
    Anomaly.LEFT_OVER: "something left over",
    Anomaly.LOST_UPDATE: "two made one version",
    Anomaly.OTHER_REPLY: "another reply",
    Anomaly.OTHER_STATE: "another state in the end",
    Anomaly.PHANTOM: "missed what was there",
    Anomaly.STALE: "contradicts real time",
    Anomaly.STOPPED: "a place stopped",
    Anomaly.STUCK: "not answered in time",
    Anomaly.UNREPEATABLE: "its own world changed",
}


def rows():
    """Yield how the row of each bug begins, and the row."""
    for bug in BUGS:
        with pytest.MonkeyPatch.context() as patch:
            bug.plant(patch)
            found = hunt(bug)
        assert found is not None, f"{bug.name} is not found"
        beginning = f"| {bug.name.replace('_', ' ')} |"
        yield beginning, f"{beginning} {bug.seeds} | {found.setting.seed} | {WORDS[found.violations[0].anomaly]} |"


def main() -> None:
    """Write the rows of the bugs that are in the table."""
    lines = PAGE.read_text().splitlines(keepends=True)
    for beginning, row in rows():
        lines = [f"{row}\n" if line.startswith(beginning) else line for line in lines]
    PAGE.write_text("".join(lines))


if __name__ == "__main__":
    main()
