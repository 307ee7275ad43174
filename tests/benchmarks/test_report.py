"""The report: what it measures, what it says, and that it stays silent about what it did not verify."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from benchmarks.report import loads, parts
from benchmarks.report.compared import PEERS_VARIABLE, peers
from benchmarks.report.page import page
from benchmarks.report.parts import PARTS, run_part
from benchmarks.report.plan import FLINK_NEEDS, NEEDS, Plan, budget_in_s, plan_for
from benchmarks.report.ratios import Ratio, highest_rate, losses, ratios
from stateflow.bench.engines import EngineName
from stateflow.bench.load import Load
from stateflow.bench.recorder import Recorder, Window
from stateflow.bench.run import Measured
from stateflow.bench.workload import Size, Tally
from stateflow.bench.workloads.records import Record

ROOT = Path(__file__).parents[2]
POINT = {"per_second": 900.0, "p50_ms": 1.0, "p99_ms": 20.0, "p999_ms": 30.0, "late_p99_ms": 0.1, "cpu_us": 80.0, "errors": {}}


def plan(folder: Path) -> Plan:
    return Plan(window_s=0.3, entities=(50, 100, 200), tpcc_scale=0.001, warehouses=(1,), work=str(folder))


def found() -> dict[str, Any]:
    durable = {
        "engine_over_by_hand": 3.0, "engine_pipelined_over_by_hand": 4.0,
        "engine_threads_over_by_hand_threads": 1.2,
        "reads_over_by_hand_reads": 0.7, "p50_of_one_client_over_by_hand": 1.5, "plain_objects_over_engine": 90.0,
        "engine_tasks_per_s": 30_000,
        "engine_threads_per_s": 9_000, "by_hand_threads_per_s": 9_000, "by_hand_one_thread_per_s": 10_000, "plain_objects_per_s": 2_700_000,
    }  # fmt: skip
    dbos = {"name": "DBOS 3", "durability": "SQLite", "note": "a workflow", "per_second": 150.0, "p50_ms": 9.0, "p99_ms": 50.0}
    steps = ((100, 3.0), (500, 30.0), (1_000, 400.0))
    rates = [{**POINT, "rate": rate, "per_second": min(rate, 900.0), "p99_ms": p99} for rate, p99 in steps]
    return {
        "machine": {"python": "3", "sqlite": "3", "system": "x", "processor": "<fast>", "cores": 2, "load": 0.1, "fsync_us": 140.0},
        "version": "0", "load_at_end": 0.2, "took_s": 60, "is_full": True, "plan": {"budget_s": 900, "window_s": 5.0},
        "durable": durable,
        "peers": {"DBOS": dbos, "Restate": {"name": "Restate", "missing": "not installed: npm did not bring <it>"}},
        "by_rate": {"local": {"most_per_second": 1_000.0, "points": rates}},
        "by_clients": {"local": [{**POINT, "clients": clients} for clients in (1, 32)]},
        "by_size": {"uniform": [{**POINT, "entities": 5_000}, {**POINT, "entities": 1_000_000, "per_second": 500.0}]},
        "workloads": {"a": {"title": "A & co", **POINT}},
        "tpcc": {"scale": 1.0, "W=1": {"engine": POINT, "by_hand": {"per_second": 450.0, "p50_ms": 1.0, "p99_ms": 2.0}, "ratio": 2.0}},
        "costs": {"t": {"step": 10.0, "encode": 5.0, "commit": 8.0, "engine": 12.0, "whole": 35.0}},
        "lengths": {blocks: {"bytes": 510.0, "moves": 1.0, "us": 250} for blocks in ("10", "100", "1000")},
        "micro": {"failed": "ValueError: no <luck>"},
    }  # fmt: skip


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("15m", 900), ("1.5h", 5_400)])
def test_budget_is_read_with_its_unit(text: str, seconds: float) -> None:
    assert budget_in_s(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "0m", "15 m", "-3s", "1d"])
def test_budget_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no length of time"):
        budget_in_s(text)


@pytest.mark.parametrize("budget_s", [150.0, 900.0, 3_000.0])
def test_plan_fits_into_its_budget(budget_s: float, tmp_path: Path) -> None:
    parts = list(NEEDS)
    is_full = budget_s >= 600
    for number in range(len(parts)):
        window_s = plan_for(budget_s, budget_s, parts[number:], tmp_path).window_s
        spent = sum((need.full_s if is_full else need.small_s) + need.windows * window_s for need in map(NEEDS.__getitem__, parts[number:]))
        assert spent <= budget_s + 1


def test_windows_shrink_when_earlier_parts_took_longer(tmp_path: Path) -> None:
    parts = list(NEEDS)[3:]
    assert plan_for(900, 500, parts, tmp_path).window_s < plan_for(900, 800, parts, tmp_path).window_s
    assert plan_for(900, -50, parts, tmp_path).window_s == 0.3


def test_every_part_has_its_share_of_the_budget() -> None:
    assert {*NEEDS, *FLINK_NEEDS} == PARTS.keys()


def test_plan_with_flink_fits_into_its_budget(tmp_path: Path) -> None:
    needs = {**FLINK_NEEDS, **NEEDS}
    window_s = plan_for(1_500, 1_500, list(needs), tmp_path).window_s
    assert sum(need.full_s + need.windows * window_s for need in needs.values()) <= 1_501
    assert window_s > 4


@pytest.mark.parametrize("name", ["by_size", "tpcc"])
def test_part_measures_in_a_process_of_its_own(name: str, tmp_path: Path) -> None:
    part = run_part(name, plan(tmp_path))
    assert "failed" not in part
    if name == "by_size":
        assert [point["entities"] for point in part["zipf"]] == [50, 100, 200]
        assert all(point["per_second"] > 0 and point["errors"] == {} for point in part["uniform"])
    else:
        assert part["W=1"]["engine"]["per_second"] > 0
        assert part["W=1"]["by_hand"]["per_second"] > 0
    assert list(tmp_path.glob("a-*")) == []


def test_part_whose_states_are_wrong_gives_no_number(tmp_path: Path) -> None:
    with (
        pytest.raises(loads.NotVerified, match="each acknowledged request once"),
        loads.filled_session("a", Size(entities=50), EngineName.LOCAL, plan(tmp_path)) as session,
    ):
        session.engine.client.call(Record.update, session.engine.client.ref(Record, "record-00000001"), "a lost update, backwards").get(10)


def test_window_without_a_reply_gives_no_number() -> None:
    load = Load(clients=1, warm_up_s=0, seconds=0.5)
    with pytest.raises(loads.NothingAnswered, match=r"within 0\.5 s, so a larger budget"):
        loads.point_of(Measured(load, Recorder(Window(0.0, 0.5), Tally()), 0.1))


def test_part_that_fails_says_why(tmp_path: Path) -> None:
    assert run_part("no such part", plan(tmp_path)) == {"failed": "KeyError: 'no such part'"}


def test_part_that_takes_too_long_is_left_out(tmp_path: Path) -> None:
    assert "more than 0 s" in run_part("lengths", plan(tmp_path), 0.01)["left_out"]


def test_other_systems_that_are_not_installed_have_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PEERS_VARIABLE, str(tmp_path))
    assert all("per_second" not in peer and "not installed" in peer["missing"] for peer in peers(plan(tmp_path)).values())
    monkeypatch.delenv(PEERS_VARIABLE)
    assert all("not installed" in peer["missing"] for peer in peers(plan(tmp_path)).values())


def test_other_system_that_fails_has_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    # An interpreter without the packages.
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setenv(PEERS_VARIABLE, str(tmp_path))
    peer = peers(plan(tmp_path))["eventsourcing"]
    assert "per_second" not in peer
    assert "No module named 'eventsourcing'" in peer["missing"]


def test_ratios_are_met_missed_or_lost() -> None:
    rows = {row.name: row for row in ratios(found())}
    assert rows["durable transfers, 32 clients: engine / SQLite by hand"].is_met is True
    assert rows["durable transfers, 32 clients: engine / DBOS 3"].value == 200
    assert rows["time of a request, uniform keys: 1,000,000 entities / 5,000"].is_met is False
    lost = {row.name for row in losses(list(rows.values()))}
    assert "reads: engine / SQLite by hand" in lost
    assert "p50 of one client: engine / SQLite by hand" in lost
    assert "TPC-C, W=1, 32 clients: engine / SQLite by hand" not in lost
    assert Ratio("x", 1.0, None, True).is_lost is False


def test_highest_rate_is_one_that_was_kept_with_a_low_p99() -> None:
    points = found()["by_rate"]["local"]["points"]
    assert highest_rate(points) == 500
    assert highest_rate(points[2:]) is None


def test_page_stands_alone_and_names_what_is_missing() -> None:
    text = page(found())
    assert text.count("<svg") == 4
    assert re.findall(r"(?:src|href)=[\"'](?!#)[^\"']*", text) == []
    assert "<script" not in text
    assert "&lt;fast&gt;" in text
    assert "<it>" not in text
    assert "micro: ValueError: no &lt;luck&gt;" in text
    assert "not installed: npm did not bring" in text
    assert '<span class="no">StateFlow loses</span>' in text


def found_on_flink() -> dict[str, Any]:
    rates = ((900.0, 400.0), (700.0, 130.0), (700.0, 60.0))
    tries = [{**POINT, "rate": rate, "p99_ms": p99, "errors": 0, "is_kept": p99 < 100} for rate, p99 in rates]
    search = {"p99_limit_ms": 100.0, "clients_per_second": 950.0, "rate": 700.0, "tries": tries}
    at_rate = {"local": {**POINT, "p50_ms": 12.0, "p99_ms": 26.0}, "transfers": {**POINT, "p50_ms": 31.0, "p99_ms": 50.0}}
    under_load = dict.fromkeys(("local", "transfers", "mix"), POINT)
    kind = {"under_load": {"per_second": 9_000.0, "per_second_of_task_manager": 21_000}, "at_200_a_second": {"p50_ms": 8.0, "p99_ms": 20.0}}
    ours = dict.fromkeys(("updates", "reads", "transfers"), kind)
    jobs = {**{name: {"updates": kind} for name in ("by_hand", "by_hand_once", "by_hand_each")}, "stateflow": ours}
    by_hand = {name: {**job, "core": "Python"} for name, job in jobs.items()}
    return {
        "highest": {"local": {**search, "rate": None}},
        "flink": {"at_rate": at_rate, "under_load": under_load, "highest": search},
        "flink_by_hand": {**by_hand, "ratios": {"throughput": 0.7, "throughput_of_counting": 0.3, "p50": 1.1}},
    }


def test_aims_on_flink_are_met_or_missed() -> None:
    rows = {row.name: row.is_met for row in ratios({**found(), **found_on_flink()}) if row.name.startswith("Flink, ")}
    assert rows["Flink, 200 requests/s, reads and updates: p50 in ms"] is True
    assert rows["Flink, 200 requests/s, reads and updates: p99 in ms"] is False
    assert rows["Flink, 200 requests/s, transfers: p50 in ms"] is False
    assert rows["Flink, 200 requests/s, transfers: p99 in ms"] is True
    assert rows["Flink, counts: job of StateFlow / job by hand that batches and keeps replies alike"] is False
    assert rows["Flink, transfers in a second of a core of the TaskManager"] is True


def test_page_shows_the_highest_rate_of_each_engine_and_what_flink_did() -> None:
    text = page({**found(), **found_on_flink()})
    assert "The highest rate with a p99 under 100 ms" in text
    assert '<td>local</td><td class="number">none of these</td>' in text
    assert '<td>PyFlink and Kafka</td><td class="number">700</td><td class="number">1</td><td class="number">60</td>' in text
    assert "PyFlink and Kafka, one TaskManager" in text
    assert "StateFlow: transfers" in text
    assert "by hand, batches, keeps replies: updates" in text
    assert "PyFlink" not in page(found())


@pytest.mark.process
def test_part_that_takes_too_long_ends_what_it_started(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(
        "import pathlib, sys, threading\n"
        "try:\n    print(flush=True)\n    threading.Event().wait()\n"
        f"finally:\n    pathlib.Path({str(tmp_path / 'ended')!r}).touch()\n"
    )
    pipe, command = subprocess.PIPE, [sys.executable, str(tmp_path / "slow.py")]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True) as running:
        assert running.stdout is not None
        running.stdout.readline()
        parts._interrupt(running)
    assert (tmp_path / "ended").exists()


@pytest.mark.process
def test_page_is_drawn_again_of_its_numbers(tmp_path: Path) -> None:
    (tmp_path / "numbers.json").write_bytes(msgspec.json.encode(found()))
    files = ["--from-json", str(tmp_path / "numbers.json"), "--output", str(tmp_path / "page.html")]
    command = [sys.executable, "-m", "benchmarks.report", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    # One part failed, which a person who runs it must notice.
    assert done.returncode == 1, done.stderr
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page(found())
