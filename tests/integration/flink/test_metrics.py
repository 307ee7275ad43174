"""What places count is among Flink's own metrics, where its reporters find it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

import stateflow
from stateflow.client.kafka_client import StateflowKafkaClient
from stateflow.development.processes import wait_until
from stateflow.options import KafkaOptions
from stateflow.runtime.flink.rest import FlinkJobs, ask
from tests.integration.flink.money import Account, Counter, Item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.flink.engines import Engines

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.xdist_group("flink"), pytest.mark.timeout(600)]
DEADLINE_S = 90


@pytest.fixture
def options(engines: Engines) -> Iterator[KafkaOptions]:
    yield KafkaOptions(brokers=engines.kafka.address, application="counted", reply_timeout_s=60)
    engines.end_jobs()


def counted(address: str, job_id: str, name: str) -> int:
    """Return the sum of a counter over all parts of a job."""
    total = 0
    for vertex in ask(address, f"/jobs/{job_id}")["vertices"]:
        path = f"/jobs/{job_id}/vertices/{vertex['id']}/metrics"
        names = [metric["id"] for metric in ask(address, path) if metric["id"].endswith(f"stateflow.{name}")]
        if names:
            total += sum(int(metric["value"]) for metric in ask(address, f"{path}?get={','.join(names)}"))
    return total


def test_moves_between_places_are_among_the_metrics_of_the_job(engines: Engines, options: KafkaOptions) -> None:
    engines.submit("tests.integration.flink.money_job", options.application)
    address = engines.flink.address
    job = FlinkJobs(address).find(options.application)
    with StateflowKafkaClient(stateflow.init(Account, Counter, Item), options=options) as client:
        accounts = [future.get(DEADLINE_S) for future in [client.create(Account, str(number), 100) for number in range(12)]]
        for future in [client.call(Account.transfer, one, 1, other) for one, other in pairwise(accounts)]:
            assert future.get(DEADLINE_S)
    # Flink brings its metrics together every ten seconds.
    assert wait_until(lambda: 0 < counted(address, job.id, "moves") <= 100, DEADLINE_S)
