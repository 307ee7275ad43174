"""What is killed comes back, and each request has changed state once. `make kills` kills as often as one likes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from stateflow.options import KafkaOptions
from tests.integration.flink.engines import Engines, running_engines
from tests.integration.flink.kills import APPLICATION, Kills
from tests.integration.flink.load import Load
from tests.integration.flink.victim import kill_client_and_repeat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.xdist_group("flink"), pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    """A cluster whose JobManager may be killed, with two TaskManagers."""
    with running_engines(task_managers=2, is_available=True) as engines:
        engines.submit("tests.integration.flink.money_job", APPLICATION)
        yield engines


@pytest.mark.parametrize("kill", [Kills.task_manager, Kills.job_manager, Kills.broker])
def test_each_request_changes_state_once_when_something_is_killed(engines: Engines, kill: Callable[[Kills], None]) -> None:
    options = KafkaOptions(brokers=engines.kafka.address, application=APPLICATION)
    with Load(options, clients=4, rate=100) as load:
        kills = Kills(engines, load)
        kill(kills)
        load.finish()
    print(msgspec.json.encode(kills.kills).decode())


def test_requests_of_a_killed_client_have_their_replies_when_another_sends_them_again(engines: Engines) -> None:
    kill_client_and_repeat(KafkaOptions(brokers=engines.kafka.address, application=APPLICATION), "victim", 50)


def test_a_broker_of_three_that_stays_away_neither_loses_nor_stops_anything() -> None:
    with running_engines(brokers=3) as engines:
        engines.submit("tests.integration.flink.money_job", APPLICATION)
        # Three brokers, each with a copy of every record, are more work for one machine.
        with Load(KafkaOptions(brokers=engines.kafka.address, application=APPLICATION), clients=4, rate=40) as load:
            kills = Kills(engines, load)
            kills.broker()
            load.finish()
        print(msgspec.json.encode(kills.kills).decode())
