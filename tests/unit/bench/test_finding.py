"""The search for the highest rate: on an engine whose capacity is known, and on the embedded engine."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from stateflow.bench.engines import LocalEngine
from stateflow.bench.finding import find_rate
from stateflow.bench.keys import Distribution
from stateflow.bench.load import Load
from stateflow.bench.recorder import Latency
from stateflow.bench.results import Numbers, machine
from stateflow.bench.run import Session
from stateflow.bench.workload import Size, Tally
from stateflow.bench.workloads.records import MixedRecords
from stateflow.cli.commands import app

if TYPE_CHECKING:
    from pathlib import Path

LOAD = Load(warm_up_s=0, seconds=1)


def latency(p99_ms: float) -> Latency:
    return Latency(count=1, mean_ms=1, p50_ms=1, p90_ms=1, p99_ms=p99_ms, p999_ms=p99_ms, max_ms=p99_ms)


class Known:
    """A session with an engine that answers so many requests a second within 20 ms, and more of them late."""

    def __init__(self, capacity: float, clients_per_second: float, failing_from: float = 1e9, busy: int | None = None) -> None:
        self.busy = busy
        self.count = 0
        self.capacity = capacity
        self.clients_per_second = clients_per_second
        self.failing_from = failing_from

    def measure(self, load: Load, _source: object = None) -> Any:
        rate = load.rate
        is_busy = self.count == self.busy
        by_clients = 0.0 if is_busy else self.clients_per_second
        per_second = by_clients if rate is None else min(rate, self.capacity * 1.5)
        p99_ms = 20.0 if (rate or 0) <= self.capacity and not is_busy else 900.0
        self.count += 1
        errors = Counter({"read: OutcomeUnknown": 2} if (rate or 0) > self.failing_from else {})
        return Measuring(load, Numbers(per_second=per_second, latency={"all": latency(p99_ms)}, late=latency(0), cpu_s=0), errors)


class Measuring:
    def __init__(self, load: Load, numbers: Numbers, errors: Counter[str]) -> None:
        self.load, self.found, self.recorder = load, numbers, self
        self.errors = errors

    def numbers(self) -> Numbers:
        return self.found


@pytest.mark.parametrize("clients_per_second", [300.0, 1_000.0, 1_020.0, 4_000.0])
def test_highest_rate_is_found_from_below_and_from_above(clients_per_second: float) -> None:
    session: Any = Known(1_000, clients_per_second)
    found = find_rate(session, LOAD, 100)
    assert found.highest.rate is not None
    assert 950 <= found.highest.rate <= 1_000
    assert found.measured.load.rate == found.highest.rate
    assert found.highest.clients_per_second == clients_per_second


def test_machine_that_was_busy_at_first_does_not_end_the_search() -> None:
    session: Any = Known(1_000, 900, busy=0)
    found = find_rate(session, LOAD, 100)
    assert found.highest.clients_per_second == 900
    assert found.highest.rate is not None
    assert 950 <= found.highest.rate <= 1_000


@pytest.mark.parametrize("busy", [1, 2, 3])
def test_machine_that_was_busy_during_one_try_does_not_lower_the_rate(busy: int) -> None:
    session: Any = Known(1_000, 900, busy=busy)
    found = find_rate(session, LOAD, 100)
    assert found.highest.rate is not None
    assert 950 <= found.highest.rate <= 1_000


def test_rate_with_errors_is_not_kept() -> None:
    session: Any = Known(1_000, 1_000, failing_from=500)
    found = find_rate(session, LOAD, 100)
    assert found.highest.rate is not None
    assert found.highest.rate <= 500


def test_limit_that_no_rate_keeps_gives_no_rate() -> None:
    session: Any = Known(1_000, 1_000)
    found = find_rate(session, LOAD, 10)
    assert found.highest.rate is None
    assert found.measured.load.rate == found.highest.tries[-1].rate


def test_search_on_the_embedded_engine_verifies_and_reports_its_best_try() -> None:
    workload = MixedRecords(Size(100, Distribution.ZIPF))
    with LocalEngine(workload, None) as engine:
        session = Session("m", workload, engine)
        session.fill()
        found = find_rate(session, Load(warm_up_s=0.05, seconds=0.2), 5_000)
        result = session.result("local-memory", found.measured, session.verify(), machine(), found.highest)
    assert not any(condition.faults for condition in result.conditions)
    assert result.verified, found
    assert result.highest is not None
    assert result.highest.rate is not None
    assert result.highest.rate == result.load.rate == max(each.rate for each in result.highest.tries if each.is_kept)
    assert result.numbers is not None
    kept = {each.rate: each.per_second for each in result.highest.tries if each.is_kept}
    assert result.numbers.per_second == kept[result.highest.rate]


QUICK = ["m", "--runtime", "local-memory", "--entities", "50", "--find-rate", "--seconds", "0.2", "--warm-up", "0"]


def test_command_prints_the_rate_and_each_try() -> None:
    done = CliRunner().invoke(app, ["bench", *QUICK, "--p99-ms", "5000"])
    assert done.exit_code == 0, done.output
    assert "highest rate with a p99 under 5000 ms: " in done.stdout
    assert "  kept  " in done.stdout
    assert "ok     coins stay as many" in done.stdout


def test_search_whose_states_are_wrong_tells_no_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tally, "acknowledge", lambda self, effects: self.acknowledged.update({(n, k): 2 * a for n, k, a in effects}))
    done = CliRunner().invoke(app, ["bench", *QUICK, "--json"])
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert (found["verified"], found["numbers"], found["highest"]) == (False, None, None)


def test_rate_that_is_given_is_not_looked_for(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["bench", "m", "--rate", "10", "--find-rate", "--path", str(tmp_path / "bench.db")])
    assert done.exit_code == 2
    assert "SF540: --rate and --find-rate are both given" in done.stderr
