"""Jobs whose code, state or log is not what it should be: each is refused or given up with its reason, and nothing goes on wrongly."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from stateflow.client.kafka.positions import positions_at
from stateflow.client.kafka.topics import log_ranges, open_topics
from stateflow.development.processes import wait_until
from stateflow.errors import JobRefused, JobReplays
from stateflow.options import KafkaOptions
from stateflow.runtime.flink.catching_up import save_and_stop
from stateflow.runtime.flink.rest import FlinkJobs
from tests.integration.flink.engines import Engines, run_module, run_python, stateflow_flink
from tests.integration.flink.load import Load
from tests.integration.flink.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.xdist_group("flink"), pytest.mark.timeout(600)]
DEADLINE_S = 120
_numbers = itertools.count()


@pytest.fixture
def options(engines: Engines) -> Iterator[KafkaOptions]:
    """An application of its own for each test, and all slots."""
    yield KafkaOptions(brokers=engines.kafka.address, application=f"upkeep-{next(_numbers)}", reply_timeout_s=60)
    engines.end_jobs()


@pytest.fixture
def tally(tmp_path: Path, options: KafkaOptions) -> Tally:
    return Tally(tmp_path, options.application.replace("-", "_"))


@pytest.fixture
def where(engines: Engines, options: KafkaOptions) -> list[str]:
    return ["--jobmanager", engines.flink.address, "--brokers", options.brokers, "--application", options.application]


def command(*arguments: str) -> str:
    done = stateflow_flink(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def replace_task_manager(engines: Engines) -> None:
    (only,) = engines.flink.task_managers
    only.kill()
    engines.flink.task_managers.remove(only)
    engines.flink.start_task_manager()


def test_upgrade_runs_the_new_text_of_a_module_that_has_kept_its_name(
    options: KafkaOptions, tally: Tally, where: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command("submit", str(tally.file), *where)
    with tally.client(options, monkeypatch) as client:
        assert client.add() == 1
        tally.write(step=1000)
        command("upgrade", str(tally.file), *where)
        assert client.add() == 1001


@pytest.mark.parametrize(
    ("first_of_worker", "worker", "reason"),
    [
        ("import nothing_of_this_name", None, "cannot import"),
        ("", "return self.value + 1", "Tally in this worker is not the class that was submitted"),
        ("", 'return Tally.by_key("b").missing()', "SF203"),
    ],
)
def test_class_that_workers_cannot_load_is_reported_before_anything_is_written(
    engines: Engines, options: KafkaOptions, tally: Tally, where: list[str], first_of_worker: str, worker: str | None, reason: str
) -> None:
    tally.write(first_of_worker=first_of_worker, worker=worker)
    done = stateflow_flink("submit", str(tally.file), *where)
    assert done.returncode == 2
    assert f"SF622: the job of {options.application} failed: " in done.stderr
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert FlinkJobs(engines.flink.address).running() == []
    assert set(log_ranges(options, open_topics(options)).values()) == {(0, 0)}


def test_job_that_fails_at_each_start_is_given_up_with_its_reason_and_resumed_from_its_last_checkpoint(
    engines: Engines, options: KafkaOptions, tally: Tally, where: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = (options.brokers, engines.flink.address)
    job = run_module("tests.integration.flink.tally", *addresses, options.application, str(tally.file), "3").split()[-1]
    jobs = FlinkJobs(engines.flink.address)

    def checkpoints() -> int:
        return int(engines.flink.rest(f"/jobs/{job}/checkpoints")["counts"]["completed"])

    with tally.client(options, monkeypatch) as client:
        assert [client.add() for _ in range(3)] == [1, 2, 3]
        before = checkpoints()
        assert wait_until(lambda: checkpoints() >= before + 2, DEADLINE_S)
        tally.write(first_of_worker="raise ValueError('the disk is not there')")
        replace_task_manager(engines)
        assert wait_until(lambda: jobs.has_ended(job), DEADLINE_S)
        shown = command("status", *where[:2])
        assert "FAILED" in shown
        assert f"{options.application}: ValueError: the disk is not there" in shown
        with pytest.raises(JobRefused, match="no job of this application runs"):
            jobs.find(options.application)
        kept = shown.partition(f"{options.application}: resume from ")[2].split()[0]
        tally.write()
        command("resume", str(tally.file), kept, *where)
        assert client.add() == 4


def delete_log(options: KafkaOptions) -> None:
    """Delete what the log holds now, as its retention would."""
    topics = open_topics(options)
    ends = [TopicPartition(topics.log, number, end) for number, (_, end) in log_ranges(options, topics).items() if end]
    admin = AdminClient({"bootstrap.servers": options.brokers})
    for deleted in admin.delete_records(ends).values():
        deleted.result(DEADLINE_S)


UNREAD = """
import sys
from stateflow.cli.main import main
from stateflow.runtime.flink import pyflink
pyflink.log_positions = lambda savepoint: None
sys.argv = ["stateflow", *sys.argv[1:]]
main()
"""


def test_savepoint_that_the_log_has_outlived_is_refused_before_the_job_begins(
    engines: Engines, options: KafkaOptions, tally: Tally, where: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command("submit", str(tally.file), *where)
    with tally.client(options, monkeypatch) as client:
        assert client.add() == 1
        early = command("stop", *where)
        command("resume", str(tally.file), early, *where)
        assert client.add() == 2
        late = command("stop", *where)
        delete_log(options)
        refused = stateflow_flink("resume", str(tally.file), early, *where)
        assert refused.returncode == 2
        assert f"SF623: the job of {options.application} cannot go on from {early}" in refused.stderr
        assert "the broker has deleted what is before" in refused.stderr
        assert FlinkJobs(engines.flink.address).running() == []
        command("resume", str(tally.file), late, *where)
        assert client.add() == 3


def test_job_whose_next_records_are_deleted_fails_instead_of_going_on_with_what_is_left(
    engines: Engines, options: KafkaOptions, tally: Tally, where: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command("submit", str(tally.file), *where)
    with tally.client(options, monkeypatch) as client:
        assert client.add() == 1
        savepoint = command("stop", *where)
        command("resume", str(tally.file), savepoint, *where)
        assert client.add() == 2
        command("stop", *where)
    delete_log(options)
    # As where only the cluster can read the savepoint.
    done = run_python("-c", UNREAD, "flink", "resume", str(tally.file), savepoint, *where)
    assert done.returncode == 2, done.stdout
    assert f"SF622: the job of {options.application} failed: " in done.stderr
    assert f"is out of range for partition {options.application}.log" in done.stderr
    assert FlinkJobs(engines.flink.address).running() == []


def test_restarted_job_is_saved_behind_all_that_it_had_read(engines: Engines, options: KafkaOptions, where: list[str]) -> None:
    engines.submit("tests.integration.flink.money_job", options.application, "5000")
    jobs = FlinkJobs(engines.flink.address)
    with Load(options, clients=2, rate=40) as load:
        load.replies_go_on(100)
        replace_task_manager(engines)
        load.replies_go_on(20)
        job = jobs.find(options.application).id
        restarted_ms = jobs.restart(job).time_ms
        assert restarted_ms is not None
        read_before = positions_at(options, open_topics(options), restarted_ms)
        with pytest.raises(JobReplays, match="did not reach the place in the log"):
            save_and_stop(jobs, options, timeout_s=0)
        # Whether it still has to wait for that now depends on the machine; that it did not come too early is what counts.
        savepoint = save_and_stop(jobs, options)
        saved = json.loads(run_python("-c", POSITIONS, savepoint).stdout)
        assert all(saved[str(partition)] >= position for partition, position in read_before.items())
        command("resume", "tests/integration/flink/money_changed.py", savepoint, *where, "--parallelism", "2")
        load.finish()


POSITIONS = """
import json, sys
from stateflow.runtime.flink.savepoints import log_positions
print(json.dumps(log_positions(sys.argv[1])))
"""
