"""The Kafka broker of `stateflow dev`, with Kafka's own client."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from stateflow.development import jars
from stateflow.development.kafka import KafkaBroker
from stateflow.development.register import forget_stopped
from stateflow.errors import JarsNotFetched, StartFailed, ToolMissing

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.xdist_group("kafka")]
DEADLINE_S = 30


def write_and_read(broker: KafkaBroker, values: list[bytes]) -> list[bytes]:
    producer = Producer({"bootstrap.servers": broker.address, "acks": "all"})
    for value in values:
        producer.produce("numbers", value, partition=0)
    assert producer.flush(DEADLINE_S) == 0
    return read(broker, len(values))


def read(broker: KafkaBroker, count: int) -> list[bytes]:
    consumer = Consumer({"bootstrap.servers": broker.address, "group.id": "reader", "enable.auto.commit": False})
    consumer.assign([TopicPartition("numbers", 0, 0)])
    records = [consumer.poll(DEADLINE_S) for _ in range(count)]
    consumer.close()
    return [record.value() for record in records]


def test_broker_keeps_what_it_acknowledged_when_it_is_killed(tmp_path: Path) -> None:
    with KafkaBroker(tmp_path) as broker:
        admin = AdminClient({"bootstrap.servers": broker.address})
        admin.create_topics([NewTopic("numbers", 1)])["numbers"].result(DEADLINE_S)
        values = [str(number).encode() for number in range(100)]
        assert write_and_read(broker, values) == values
        broker.kill()
        broker.start()
        assert read(broker, 100) == values


def test_broker_that_finds_its_port_taken_says_so(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(StartFailed, match="is taken: name another one"):
            KafkaBroker(tmp_path, port=taken.getsockname()[1]).start()


def stateflow_dev(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "stateflow", "dev", *arguments, "--folder", str(folder)]


def test_broker_in_the_background_is_listed_and_stopped(tmp_path: Path) -> None:
    started = subprocess.run(stateflow_dev(tmp_path, "kafka", "--detach"), capture_output=True, text=True, timeout=100, check=False)
    assert started.returncode == 0, started.stderr
    (running,) = forget_stopped(tmp_path)
    assert running.address in started.stdout
    listed = subprocess.run(stateflow_dev(tmp_path, "status"), capture_output=True, text=True, timeout=60, check=True)
    assert str(running.pid) in listed.stdout
    stopped = subprocess.run(stateflow_dev(tmp_path, "stop"), capture_output=True, text=True, timeout=60, check=True)
    assert f"process {running.pid}" in stopped.stdout
    assert forget_stopped(tmp_path) == []


def test_several_brokers_in_the_background_are_listed_and_stopped(tmp_path: Path) -> None:
    command = stateflow_dev(tmp_path, "kafka", "--brokers", "2", "--detach")
    started = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert started.returncode == 0, started.stderr
    running = forget_stopped(tmp_path)
    assert len(running) == 2
    address = running[0].address
    assert f'brokers="{address}"' in started.stdout
    assert len(AdminClient({"bootstrap.servers": address}).list_topics(timeout=DEADLINE_S).brokers) == 2
    subprocess.run(stateflow_dev(tmp_path, "stop"), capture_output=True, text=True, timeout=60, check=True)
    assert forget_stopped(tmp_path) == []
    assert not any(psutil.pid_exists(each.pid) for each in running)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_broker_in_the_foreground_ends_with_its_command(tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen(stateflow_dev(tmp_path, "kafka"), stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout is not None
        assert "Kafka takes connections" in command.stdout.readline()
        assert "Ctrl-C" in command.stdout.readline()
        # Not by its port: once it is free, anybody may take it.
        (broker,) = psutil.Process(command.pid).children()
        command.send_signal(number)
        assert command.wait(60) == 0
    assert not broker.is_running()


def test_archives_that_do_not_exist_are_an_error_with_what_maven_says(tmp_path: Path) -> None:
    pom = (jars.resources.files("stateflow.development") / "poms" / "kafka.xml").read_bytes().replace(b"4.1.2", b"0.0.0-none")
    with pytest.raises(JarsNotFetched, match=r"0\.0\.0-none"):
        jars._fetch("kafka", pom, tmp_path / "kafka", lambda _: None)


def test_missing_maven_is_an_error_with_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATEFLOW_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match="apt install maven"):
        jars.fetch_jars("kafka")
