"""Jobs and slots: what waits for a slot says so, a lost TaskManager's job waits for the next one, and a probe waits for nothing."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from stateflow.development.processes import wait_until
from stateflow.options import KafkaOptions
from stateflow.runtime.flink.rest import FlinkJobs
from tests.integration.flink.engines import Engines, run_module, run_python
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
    yield KafkaOptions(brokers=engines.kafka.address, application=f"waiting-{next(_numbers)}", reply_timeout_s=60)
    engines.end_jobs()


SUBMIT = """
import sys
import stateflow
from stateflow.options import FlinkOptions, KafkaOptions
from stateflow.runtime.flink.pyflink import FlinkRuntime
from tests.integration.flink.money import Account

brokers, jobmanager, application = sys.argv[1:]
options = FlinkOptions(kafka=KafkaOptions(brokers=brokers, application=application), start_timeout_s=5)
FlinkRuntime(stateflow.init(Account), options=options).submit(jobmanager)
"""


def test_job_for_which_no_slot_is_free_says_so_and_leaves_nothing(engines: Engines, options: KafkaOptions) -> None:
    addresses = (options.brokers, engines.flink.address)
    first = engines.submit("tests.integration.flink.money_job", options.application)
    jobs = FlinkJobs(engines.flink.address)
    free, total = jobs.slots()
    assert free == 0
    done = run_python("-c", SUBMIT, *addresses, f"{options.application}-other")
    assert f"SF621: {options.application}-other: the probe, which loads its classes in each free slot, did not end within 5" in done.stderr
    assert f"its parts 1 SCHEDULED (waiting for a slot), with 0 of the cluster's {total} slots free" in done.stderr
    alive = [job for job in engines.flink.rest("/jobs")["jobs"] if not jobs.has_ended(job["id"])]
    assert [job["id"] for job in alive] == [first]


def test_probe_ends_without_a_checkpoint_for_which_it_would_wait(engines: Engines, options: KafkaOptions) -> None:
    engines.submit("tests.integration.flink.money_job", options.application)
    (probe,) = [job for job in engines.flink.rest("/jobs/overview")["jobs"] if job["name"] == f"probe of {options.application}"]
    assert probe["tasks"]["finished"] > 1
    assert engines.flink.rest(f"/jobs/{probe['jid']}/checkpoints")["counts"]["total"] == 0


def test_job_waits_for_the_next_task_manager_without_failing_again(
    engines: Engines, options: KafkaOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tally = Tally(tmp_path, options.application.replace("-", "_"))
    addresses = (options.brokers, engines.flink.address)
    job = run_module("tests.integration.flink.tally", *addresses, options.application, str(tally.file), "1").split()[-1]
    jobs = FlinkJobs(engines.flink.address)
    with tally.client(options, monkeypatch) as client:
        assert client.add() == 1
        while engines.flink.task_managers:
            engines.flink.task_managers.pop().kill()
        assert wait_until(lambda: jobs.slots()[1] == 0 and set(jobs.part_states(job)) == {"SCHEDULED"}, DEADLINE_S)
        engines.flink.start_task_manager()
        assert client.add() == 2
    assert len(jobs.failures(job)) == 1
