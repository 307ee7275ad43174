"""What is killed comes back, and each request has changed state once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stateflow.options import KafkaOptions
from tests.integration.flink.engines import Engines, running_engines
from tests.integration.flink.load import Load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.xdist_group("flink"), pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    with running_engines(task_managers=2, is_available=True) as engines:
        engines.submit("tests.integration.flink.money_job")
        yield engines


def kill_task_manager(engines: Engines) -> None:
    busy = engines.flink.busy_task_manager()
    busy.kill()
    engines.flink.task_managers.remove(busy)
    engines.flink.start_task_manager()


def kill_job_manager(engines: Engines) -> None:
    engines.flink.kill_job_manager()
    engines.flink.start_job_manager()


def kill_broker(engines: Engines) -> None:
    engines.kafka.kill()
    engines.kafka.start()


@pytest.mark.parametrize("kill", [kill_task_manager, kill_job_manager, kill_broker])
def test_each_request_changes_state_once_when_something_is_killed(engines: Engines, kill: Callable[[Engines], None]) -> None:
    options = KafkaOptions(brokers=engines.kafka.address, application="money", reply_timeout_s=60)
    with Load(options, clients=4, rate=100) as load:
        load.replies_go_on(100)
        kill(engines)
        load.replies_go_on(100)
        load.finish()
        print(f"{kill.__name__}: longest time without a reply {load.longest_gap_s():.1f} s")
