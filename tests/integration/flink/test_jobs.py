"""Jobs over their life: refused beside another, saved, resumed with other code and in other parts, and with dead letters on the way."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

import stateflow
from stateflow.client.kafka.letters import read_dead_letters
from stateflow.client.kafka_client import StateflowKafkaClient
from stateflow.errors import JobManagerUnreachable, RequestUnknown, StateflowError
from stateflow.limits import OUTSIDE_BYTES, RECORD_ENVELOPE_BYTES
from stateflow.options import KafkaOptions
from stateflow.protocol.steps import Envelope, Restart, encode_envelope
from stateflow.runtime.flink.rest import FlinkJobs
from tests.integration.flink import money_changed
from tests.integration.flink.engines import Engines, stateflow_flink
from tests.integration.flink.load import Load
from tests.integration.flink.money import Account, Counter, Item

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.xdist_group("flink"), pytest.mark.timeout(600)]
DEADLINE_S = 90
_numbers = itertools.count()


@pytest.fixture
def options(engines: Engines) -> Iterator[KafkaOptions]:
    """An application of its own for each test, and all slots."""
    yield KafkaOptions(brokers=engines.kafka.address, application=f"money-{next(_numbers)}", reply_timeout_s=60)
    engines.end_jobs()


@pytest.fixture
def running(engines: Engines, options: KafkaOptions) -> KafkaOptions:
    """The job of `money`, under the name of the test's application."""
    engines.submit("tests.integration.flink.money_job", options.application)
    return options


def test_job_is_saved_under_load_and_resumed_in_more_parts_with_a_changed_class(engines: Engines, options: KafkaOptions) -> None:
    where = ["--jobmanager", engines.flink.address, "--application", options.application]
    brokers = ["--brokers", engines.kafka.address]
    submitted = stateflow_flink("submit", "tests/integration/flink/money.py", *where, *brokers)
    assert submitted.returncode == 0, submitted.stderr
    changed = stateflow.init(money_changed.Account, money_changed.Counter, money_changed.Item)
    with pytest.raises(stateflow.ClassesDiffer, match=r"Account\.owned\(\) is not there"):
        StateflowKafkaClient(changed, options=options)
    with Load(options, clients=2, rate=40) as load:
        load.clients[0].sent[0][1].get(DEADLINE_S)
        again = stateflow_flink("submit", "tests/integration/flink/money.py", *where, *brokers)
        assert again.returncode == 2
        assert f"SF621: {options.application}: a job of this application runs already" in again.stderr
        upgraded = stateflow_flink("upgrade", "tests/integration/flink/money_changed.py", *where, *brokers, "--parallelism", "2")
        assert upgraded.returncode == 0, upgraded.stderr
        load.finish()
        name = load.clients[0].sent[0][0].args[0]
    shown = stateflow_flink("status", "--jobmanager", engines.flink.address)
    assert options.application in shown.stdout
    assert upgraded.stdout.split()[-1] in shown.stdout
    with StateflowKafkaClient(changed, options=options) as client:
        account = client.ref(money_changed.Account, name)
        assert client.call(money_changed.Account.owned, account).get(DEADLINE_S) == f"{name} of nobody"


def test_records_that_are_no_requests_become_dead_letters_and_the_job_goes_on(running: KafkaOptions) -> None:
    options = running
    good = encode_envelope(Envelope("client.0.x", "0", 0, 0, (Restart("none", 1),)))
    bad = [b"", b"\xc1nonsense", good[:-3], good, bytes([0x92, 9]) + good[2:], b"\x00" * 2_000_000]
    producer = Producer({"bootstrap.servers": options.brokers, "message.max.bytes": 4_000_000})
    for value in bad:
        producer.produce(f"{options.application}.log", value, partition=0)
    assert producer.flush(DEADLINE_S) == 0
    with StateflowKafkaClient(stateflow.init(Account, Counter, Item), options=options) as client:
        # Whatever partition a counter is in, those records came before one of these requests.
        counters = [client.create(Counter, f"after-{number}") for number in range(20)]
        calls = [client.call(Counter.add, future.get(DEADLINE_S)) for future in counters]
        assert [call.get(DEADLINE_S) for call in calls] == [1] * 20
        with StateflowKafkaClient(client.flow, options=options, bind=False) as other:
            assert other.result(calls[3].request_id).get(DEADLINE_S) == 1
            with pytest.raises(RequestUnknown):
                other.result("never").get(DEADLINE_S)
    reasons = [letter.reason for letter in read_dead_letters(options)]
    assert len(reasons) == len(bad)
    assert sum("not an envelope" in reason for reason in reasons) >= 3
    assert any("version 9" in reason for reason in reasons)
    assert any("a client sends requests only" in reason for reason in reasons)


def last_restart_ms(engines: Engines) -> int:
    """Return when the job began again for the last time; 0 when it never did."""
    (job,) = FlinkJobs(engines.flink.address).running()
    return int(engines.flink.rest(f"/jobs/{job.id}")["timestamps"]["RESTARTING"])


def test_reply_that_is_larger_than_a_record_ends_its_request_and_the_job_goes_on(engines: Engines, running: KafkaOptions) -> None:
    with StateflowKafkaClient(stateflow.init(Account, Counter, Item), options=running) as client:
        counter = client.create(Counter, "large").get(DEADLINE_S)
        before = last_restart_ms(engines)
        length = RECORD_ENVELOPE_BYTES - OUTSIDE_BYTES
        with pytest.raises(stateflow.LimitExceeded, match=f"more than the {length} that one message may take"):
            client.call(Counter.repeat, counter, length).get(DEADLINE_S)
        assert len(client.call(Counter.repeat, counter, length - 100).get(DEADLINE_S)) == length - 100
        assert client.call(Counter.add, counter).get(DEADLINE_S) == 2
    assert last_restart_ms(engines) == before


def copy_of_log(options: KafkaOptions) -> list[tuple[int, bytes]]:
    """Return partition and bytes of every record of the log."""
    consumer = Consumer({"bootstrap.servers": options.brokers, "group.id": "copy", "enable.auto.commit": False})
    places = [TopicPartition(f"{options.application}.log", number, 0) for number in range(4)]
    ends = {place.partition: consumer.get_watermark_offsets(place, timeout=30)[1] for place in places}
    consumer.assign(places)
    found: list[tuple[int, bytes]] = []
    end_s = time.monotonic() + DEADLINE_S
    while len(found) < sum(ends.values()):
        assert time.monotonic() < end_s, f"{len(found)} of {sum(ends.values())} records were read"
        found += [(record.partition(), record.value()) for record in consumer.consume(500, 1)]
    consumer.close()
    return found


def test_duplicate_of_every_record_of_the_log_changes_nothing(running: KafkaOptions) -> None:
    options = running
    with Load(options, clients=2, rate=40) as load:
        load.replies_go_on(100)
        load.finish()
        before = load.states()
        producer = Producer({"bootstrap.servers": options.brokers, "message.max.bytes": 4_000_000})
        records = [record for record in copy_of_log(options) if len(record[1]) < 1_000_000]
        for partition, value in records:
            producer.produce(f"{options.application}.log", value, partition=partition)
        assert producer.flush(DEADLINE_S) == 0
        assert len(records) > 200
        assert load.states() == before


def test_cluster_that_does_not_run_is_named() -> None:
    with pytest.raises(JobManagerUnreachable, match=r"127\.0\.0\.1:1 "):
        FlinkJobs("127.0.0.1:1").running()
    done = stateflow_flink("submit", "tests/integration/flink/money.py", "--jobmanager", "127.0.0.1:1")
    assert done.returncode == 2
    assert done.stderr.startswith("SF620: no JobManager of Flink answers at 127.0.0.1:1")


def test_missing_java_is_named_with_what_to_install(
    engines: Engines, options: KafkaOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    where = ["--jobmanager", engines.flink.address, "--brokers", options.brokers, "--application", options.application]
    done = stateflow_flink("submit", "tests/integration/flink/money.py", *where)
    assert done.returncode == 2
    assert done.stderr.startswith("SF600: Java 17 or later is needed and was not found; install it")


def test_broker_that_does_not_run_is_named(engines: Engines) -> None:
    where = ["--jobmanager", engines.flink.address, "--brokers", "127.0.0.1:1", "--application", "other"]
    done = stateflow_flink("submit", "tests/integration/flink/money.py", *where)
    assert done.returncode == 2
    assert "SF610: no Kafka broker answered at 127.0.0.1:1 within 10 s" in done.stderr
    assert issubclass(stateflow.BrokerUnreachable, StateflowError)
