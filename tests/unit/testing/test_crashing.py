"""Crashes of the runtime of a test: requests are answered as if there had been none."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import stateflow
from stateflow.errors import ClientClosed, ConfigurationError
from stateflow.failpoints import POINTS
from stateflow.testing import RestartableRuntime
from tests.unit.testing.conftest import Run

COUNT = """
import pytest
from shop import Item
from stateflow.testing import crashes

def count(stateflow_client):
    tea = Item("tea", 3).get(timeout=10)
    assert [tea.update_stock(n).get(timeout=10) for n in (5, -2, -9)] == [True, True, False]
    assert tea.stock.get(timeout=10) == 3
"""


@stateflow.entity
class Counter:
    def __init__(self, name: str) -> None:
        self.name, self.count = name, 0

    def __key__(self) -> str:
        return self.name

    def add(self) -> int:
        self.count += 1
        return self.count

    def fail(self) -> None:
        self.count += 1
        raise ValueError(self.count)


@pytest.fixture(params=["memory", "file"])
def runtime(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RestartableRuntime]:
    path = tmp_path / "counter.db" if request.param == "file" else None
    with RestartableRuntime(stateflow.init(Counter), path=path, seed=1) as runtime:
        yield runtime


@pytest.mark.parametrize("point", POINTS)
def test_request_that_meets_a_crash_takes_effect_once(runtime: RestartableRuntime, point: str) -> None:
    with runtime.client(bind=False) as client:
        counter: Any = client.create(Counter, "c").get(10)
        runtime.crash_at(point)
        assert [client.call(Counter.add, counter).get(10) for _ in range(3)] == [1, 2, 3]
        assert runtime.crashes == [point]
        assert runtime.missing_crashes == []


@pytest.mark.parametrize("point", ["before-execute", "before-reply", "after-reply"])
def test_read_that_meets_a_crash_is_answered(runtime: RestartableRuntime, point: str) -> None:
    with runtime.client(bind=False) as client:
        counter = client.create(Counter, "c").get(10)
        runtime.crash_at(point)
        assert client.state(counter).get(10) == {"name": "c", "count": 0}
        assert client.state(counter).get(10) == {"name": "c", "count": 0}
        assert runtime.crashes == [point]


def test_exception_is_the_same_after_a_crash(runtime: RestartableRuntime) -> None:
    with runtime.client(bind=False) as client:
        counter = client.create(Counter, "c").get(10)
        runtime.crash_at("after-commit")
        with pytest.raises(ValueError, match="1"):
            client.call(Counter.fail, counter).get(10)
        assert client.call(Counter.add, counter).get(10) == 1


def test_crash_now_keeps_what_was_replied_and_repeats_the_rest(runtime: RestartableRuntime) -> None:
    with runtime.client(bind=False) as client, ThreadPoolExecutor(8) as pool:
        counter = client.create(Counter, "c").get(10)

        def add(_: int) -> list[int]:
            return [client.call(Counter.add, counter).get(30) for _ in range(30)]

        running = pool.map(add, range(8))
        for _ in range(5):
            runtime.crash()
        counts = sorted(count for counts in running for count in counts)
        assert counts == list(range(1, 241))
        assert runtime.crashes == ["now"] * 5


def test_restart_keeps_everything(runtime: RestartableRuntime) -> None:
    with runtime.client(bind=False) as client:
        counter = client.create(Counter, "c").get(10)
        futures = [client.call(Counter.add, counter) for _ in range(100)]
        runtime.restart()
        assert [future.get(10) for future in futures] == list(range(1, 101))
        runtime.restart()
        assert client.get(counter, "count").get(10) == 100
        assert runtime.crashes == []


def test_closed_runtime_takes_no_requests_and_does_not_start_again(runtime: RestartableRuntime) -> None:
    client = runtime.client(bind=False)
    counter = client.create(Counter, "c").get(10)
    runtime.close()
    with pytest.raises(ClientClosed):
        client.call(Counter.add, counter)


def test_unknown_fail_point_is_refused(runtime: RestartableRuntime) -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'before-commit'"):
        runtime.crash_at("before-comit")
    with pytest.raises(ConfigurationError, match="0th time"):
        runtime.crash_at("before-commit", 0)


def test_marker_crashes_the_runtime_under_the_test(run: Run) -> None:
    run(
        COUNT
        + """
@pytest.mark.stateflow_crash("before-commit", nth=2)
@pytest.mark.stateflow_crash("after-commit", nth=3)
def test_count(stateflow_runtime, stateflow_client):
    count(stateflow_client)
    assert stateflow_runtime.crashes == ["before-commit", "after-commit"]
"""
    ).assert_outcomes(passed=1)


@pytest.mark.parametrize("durable", [False, True])
def test_marker_crashes_everywhere(run: Run, durable: bool) -> None:
    run(
        COUNT
        + f"""
@pytest.mark.stateflow(durable={durable}, suspend_everywhere="both")
@pytest.mark.stateflow_crash(everywhere=True)
def test_count(stateflow_runtime, stateflow_client, stateflow_path):
    count(stateflow_client)
    assert len(stateflow_runtime.crashes) == {len(POINTS)}
    assert (stateflow_path is not None and stateflow_path.exists()) is {durable}
"""
    ).assert_outcomes(passed=2)


def test_crash_is_a_value_of_a_parameter(run: Run) -> None:
    run(
        COUNT
        + """
@pytest.mark.parametrize("stateflow_crash", [None, *crashes()], ids=str)
def test_count(stateflow_client):
    count(stateflow_client)
""",
        "--stateflow-durable",
    ).assert_outcomes(passed=len(POINTS) + 1)


def test_test_that_does_not_pass_its_fail_point_fails(run: Run) -> None:
    result = run("""
        import pytest
        from shop import Item

        @pytest.mark.stateflow_crash("before-commit", nth=7)
        def test_nothing(stateflow_client): Item("tea", 3).get()
    """)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*SF540: the test ended without the crash at before-commit-7*"])


def test_wrong_fail_point_is_one_message(run: Run) -> None:
    result = run("""
        import pytest
        from shop import Item

        @pytest.mark.stateflow_crash("before-comit")
        def test_nothing(stateflow_client): pass
    """)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*SF540: there is no fail point 'before-comit'*"])
    result.stdout.no_fnmatch_line("*plugin.py:*")
