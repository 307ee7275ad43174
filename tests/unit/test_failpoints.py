"""Fail points: silent until a test arms one, and never armed by accident."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from stateflow import failpoints
from stateflow.errors import ConfigurationError
from stateflow.failpoints import POINTS, Action, FailPoint, InjectedFailure, arm, parse, reach, watch

ROOT = Path(__file__).parents[2]
POINT = "before-commit"
REACH = f"from stateflow.failpoints import reach\nfor turn in range(3): reach({POINT!r}); print(turn, flush=True)"


def run(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **variables}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False)


def reached_in_source() -> set[str]:
    calls = re.compile(r"\breach\(\"([^\"]+)\"\)")
    sources = [path for path in (ROOT / "src").rglob("*.py") if path.name != "failpoints.py"]
    return {name for path in sources for name in calls.findall(path.read_text(encoding="utf-8"))}


def test_every_point_that_the_source_reaches_is_listed() -> None:
    assert reached_in_source() <= POINTS.keys()


def test_page_lists_every_point() -> None:
    page = (ROOT / "docs/how-to/test-entities.md").read_text(encoding="utf-8")
    assert [line for line in page.splitlines() if line in {f"| `{name}` | {text} |" for name, text in POINTS.items()}] == [
        f"| `{name}` | {text} |" for name, text in POINTS.items()
    ]


def test_points_that_the_source_does_not_reach_are_not_listed() -> None:
    assert POINTS.keys() <= reached_in_source()


def test_point_does_nothing_until_it_is_armed_and_again_afterwards() -> None:
    reach(POINT)
    with arm(POINT, Action.RAISE), pytest.raises(InjectedFailure, match=POINT):
        reach(POINT)
    reach(POINT)


def test_point_fails_at_its_turn_only() -> None:
    with arm(POINT, Action.RAISE, nth=2):
        reach(POINT)
        reach("after-commit")
        with pytest.raises(InjectedFailure):
            reach(POINT)
        reach(POINT)


def test_one_of_many_threads_meets_the_failure() -> None:
    failed = []

    def work() -> None:
        for _ in range(500):
            try:
                reach(POINT)
            except InjectedFailure as error:
                failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    with arm(POINT, Action.RAISE, nth=1_000):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
    assert len(failed) == 1


def test_watch_sees_every_point_by_name() -> None:
    seen: list[str] = []
    with watch(seen.append):
        reach("before-commit")
        reach("after-commit")
    reach("after-commit")
    assert seen == ["before-commit", "after-commit"]


def test_two_points_cannot_be_armed_at_once() -> None:
    with arm(POINT, Action.RAISE), pytest.raises(ConfigurationError, match="armed already"), arm(POINT):
        pass


@pytest.mark.parametrize(
    ("text", "point"),
    [
        (POINT, FailPoint(POINT, 1, Action.KILL)),
        (f"{POINT}:3", FailPoint(POINT, 3, Action.KILL)),
        (f"{POINT}:3:raise", FailPoint(POINT, 3, Action.RAISE)),
        (f"{POINT}::exit", FailPoint(POINT, 1, Action.EXIT)),
    ],
)
def test_text_of_a_point(text: str, point: FailPoint) -> None:
    assert parse(text) == point == parse(str(point))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("before-comit", "did you mean 'before-commit'"),
        ("", "there are"),
        (f"{POINT}:0", "cannot fail the 0th time"),
        (f"{POINT}:x", "write name:nth:action"),
        (f"{POINT}:1:boom", "write name:nth:action"),
        (f"{POINT}:1:kill:now", "write name:nth:action"),
    ],
)
def test_wrong_text_of_a_point_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"SF540: .*{message}"):
        parse(text)


@pytest.mark.process
@pytest.mark.parametrize(
    ("action", "code"), [("kill", -signal.SIGKILL), ("exit", failpoints._EXIT_CODE), ("raise", 1)], ids=["kill", "exit", "raise"]
)
def test_environment_arms_a_point_of_a_process_and_the_process_says_so(action: str, code: int) -> None:
    done = run(REACH, STATEFLOW_TESTING="1", STATEFLOW_FAIL_POINT=f"{POINT}:2:{action}")
    assert (done.returncode, done.stdout) == (code, "0\n")
    assert f"this process will fail on purpose: STATEFLOW_FAIL_POINT={POINT}:2:{action}" in done.stderr


@pytest.mark.process
@pytest.mark.parametrize("switch", [{}, {"STATEFLOW_TESTING": ""}, {"STATEFLOW_TESTING": "0"}], ids=["unset", "empty", "zero"])
def test_environment_arms_nothing_without_the_switch(switch: dict[str, str]) -> None:
    done = run(REACH, STATEFLOW_FAIL_POINT=f"{POINT}:2:kill", **switch)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n1\n2\n", "")


@pytest.mark.process
def test_environment_with_an_unknown_point_is_an_error() -> None:
    done = run(REACH, STATEFLOW_TESTING="1", STATEFLOW_FAIL_POINT="nowhere")
    assert done.returncode == 1
    assert "SF540: there is no fail point 'nowhere'" in done.stderr
