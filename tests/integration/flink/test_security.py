"""A job and its clients on a broker that asks for passwords and certificates, with the rights of the how-to page and no more."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AclOperation, ResourceType

import stateflow
from stateflow.client.kafka.letters import read_dead_letters
from stateflow.client.kafka.topics import open_topics
from stateflow.client.kafka_client import StateflowKafkaClient
from stateflow.development.flink import FlinkCluster
from stateflow.development.processes import wait_until
from stateflow.options import KafkaOptions
from stateflow.runtime.flink.java_settings import java_settings
from stateflow.runtime.flink.rest import FlinkJobs, RunningJob
from tests.integration.flink.engines import ROOT, run_python, stateflow_flink
from tests.integration.flink.money import Account
from tests.integration.kafka.secured import KEYSTORE_PASSWORD, SecuredKafka, grant_as_the_page_says, secured_kafka

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.xdist_group("flink"), pytest.mark.timeout(600)]
DEADLINE_S = 90
MODULE = "tests/integration/flink/money.py"
RIGHTS = (("log", "READ"), ("log", "WRITE"), ("replies", "WRITE"), ("dead", "WRITE"))
_numbers = itertools.count()


class Secured(msgspec.Struct):
    """A broker that asks, and a cluster."""

    kafka: SecuredKafka
    flink: FlinkCluster

    def logs(self) -> str:
        """Return all that the broker, the JobManager and the TaskManager have logged."""
        files = [file for name in ("flink", "kafka") for file in (self.kafka.folder / name).glob("*.log")]
        return "".join(file.read_text(errors="replace") for file in files)


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("secured")
    flink = FlinkCluster(folder / "flink", python_path=[ROOT, ROOT / "demos"])
    with secured_kafka(folder) as kafka, flink:
        kafka.add_users("shop-client", "shop-job", "shop-ops", "shop-nobody")
        yield Secured(kafka, flink)


@pytest.fixture
def application(secured: Secured) -> Iterator[str]:
    """An application with its topics and the rights of the page; all slots."""
    name = f"shop{next(_numbers)}"
    grant_as_the_page_says(secured.kafka, name)
    yield name
    jobs = FlinkJobs(secured.flink.address)
    for job in jobs.running():
        jobs.cancel(job.id)


def settings_file(folder: Path, options: KafkaOptions) -> str:
    file = folder / "kafka.properties"
    file.write_text("# for the brokers\n" + "".join(f"{name}={value}\n" for name, value in options.settings.items()))
    return str(file)


def command(*arguments: str) -> str:
    done = stateflow_flink(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def transfers(options: KafkaOptions) -> list[Any]:
    """Let each of eight accounts, which are in several partitions, give 5 to the next; return their balances."""
    with StateflowKafkaClient(stateflow.init(Account), options=options, bind=False) as client:
        names = [f"account-{number}" for number in range(8)]
        for future in [client.create(Account, name, 100) for name in names]:
            future.exception(DEADLINE_S)
        accounts = [client.ref(Account, name) for name in names]
        given = [client.call(Account.transfer, one, 5, other) for one, other in itertools.pairwise([*accounts, accounts[0]])]
        assert [future.get(DEADLINE_S) for future in given] == [True] * 8
        return [client.call(Account.deposit, account, 0).get(DEADLINE_S) for account in accounts]


SUBMIT = """
import json, sys
import stateflow
from stateflow.options import FlinkOptions, KafkaOptions
from stateflow.runtime.flink.pyflink import FlinkRuntime
from tests.integration.flink.money import Account

jobmanager, cases = sys.argv[1], json.loads(sys.argv[2])
for kafka, job in cases:
    options = FlinkOptions(kafka=KafkaOptions(**kafka), kafka_settings=job, restarts=2)
    try:
        FlinkRuntime(stateflow.init(Account), options=options).submit(jobmanager)
    except stateflow.StateflowError as error:
        print(json.dumps(str(error)))
    else:
        print(json.dumps("submitted"))
"""


def submit(secured: Secured, *cases: tuple[KafkaOptions, dict[str, str]]) -> list[str]:
    """Submit by a program that connects as one user jobs that connect as others; return what was said of each."""
    done = run_python("-c", SUBMIT, secured.flink.address, json.dumps([[msgspec.to_builtins(options), job] for options, job in cases]))
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_job_by_password_is_submitted_saved_and_resumed_with_the_rights_of_the_page(
    secured: Secured, application: str, tmp_path: Path
) -> None:
    kafka = secured.kafka
    job = kafka.by_password(application, "shop-job")
    where = ["--jobmanager", secured.flink.address, "--brokers", job.brokers, "--application", application]
    where += ["--kafka-settings", settings_file(tmp_path, job)]
    command("submit", MODULE, *where)
    client = kafka.by_password(application, "shop-client")
    assert transfers(client) == [100] * 8
    (running,) = FlinkJobs(secured.flink.address).running()
    producer = Producer({"bootstrap.servers": kafka.broker.address})
    producer.produce(f"{application}.log", b"nonsense", partition=0)
    assert producer.flush(DEADLINE_S) == 0
    savepoint = command("stop", *where)
    command("resume", MODULE, savepoint, *where, "--parallelism", "2")
    assert transfers(client) == [100] * 8
    assert len(read_dead_letters(kafka.by_password(application, "shop-ops"))) == 1
    pages = [f"/jobs/{running.id}{page}" for page in ("", "/config", "/plan", "/exceptions", "/checkpoints")]
    for text in (*(json.dumps(secured.flink.rest(page)) for page in (*pages, "/jobmanager/config")), secured.logs()):
        assert job.settings["sasl.password"] not in text


def test_job_by_certificate_answers(secured: Secured, application: str) -> None:
    assert submit(secured, (secured.kafka.by_certificate(application, "shop-job"), {})) == ["submitted"]
    assert transfers(secured.kafka.by_certificate(application, "shop-client")) == [100] * 8
    assert KEYSTORE_PASSWORD not in secured.logs()


def test_job_that_loses_a_right_fails_with_the_reason_and_goes_on_from_its_checkpoint_once_it_has_it_again(
    secured: Secured, application: str, tmp_path: Path
) -> None:
    kafka, jobs = secured.kafka, FlinkJobs(secured.flink.address)
    job = kafka.by_password(application, "shop-job")
    assert submit(secured, (job, {})) == ["submitted"]
    right = (ResourceType.TOPIC, f"{application}.replies", AclOperation.WRITE)
    options = msgspec.structs.replace(kafka.by_password(application, "shop-client"), reply_timeout_s=300)

    def failed() -> list[RunningJob]:
        return [each for each in jobs.shown() if each.application == application and each.state == "FAILED"]

    with StateflowKafkaClient(stateflow.init(Account), options=options, bind=False) as client:
        account = client.create(Account, "ann", 1).get(DEADLINE_S)
        kafka.revoke("shop-job", right)
        waiting = client.call(Account.deposit, account, 1)
        assert wait_until(lambda: bool(failed()), DEADLINE_S)
        (ended,) = failed()
        assert f"Not authorized to access topics: [{application}.replies]" in ended.problem
        kafka.grant("shop-job", [right])
        where = ["--jobmanager", secured.flink.address, "--brokers", job.brokers, "--application", application]
        command("resume", MODULE, ended.checkpoint, *where, "--kafka-settings", settings_file(tmp_path, job))
        assert waiting.get(DEADLINE_S) == 2


def test_job_that_kafka_would_refuse_is_refused_before_it_begins(secured: Secured, application: str) -> None:
    kafka = secured.kafka
    given = kafka.by_password(application, "shop-ops", **{"sasl.password": "guessed"})
    options = msgspec.structs.replace(kafka.by_password(application, "shop-job"), connect_timeout_s=20)
    open_topics(options)
    good = java_settings(options.settings)
    rightless = java_settings(kafka.by_password(application, "shop-nobody").settings)
    plain = msgspec.structs.replace(options, brokers=kafka.broker.address, settings={})
    said = submit(
        secured,
        (options, java_settings(given.settings)),
        (options, java_settings({**options.settings, "ssl.ca.location": kafka.other_ca()})),
        (options, {**good, "bootstrap.servers": options.brokers.replace("localhost", "127.0.0.1")}),
        (options, {"security.protocol": "PLAINTEXT"}),
        (plain, good),
        (options, {**good, "ssl.truststore.location": "/none.pem"}),
        (options, rightless),
    )
    lacked = [f"{right} on topic {application}.{end}" for end, right in RIGHTS] + [f"READ on group stateflow.{application}"]
    expected = [
        ("SF613", "Authentication failed during authentication due to invalid credentials"),
        ("SF613", "unable to find valid certification path"),
        ("SF613", "No subject alternative names matching IP address 127.0.0.1"),
        ("SF610", "does it speak PLAINTEXT there?"),
        ("SF610", "does it speak SASL_SSL there?"),
        ("SF540", "/none.pem"),
        ("SF613", f"the job's user lacks {', '.join(lacked)}; give the user this right"),
    ]
    assert [(text[:5], reason in text) for text, (_, reason) in zip(said, expected, strict=True)] == [(code, True) for code, _ in expected]
    assert "guessed" not in "".join(said)
    assert FlinkJobs(secured.flink.address).running() == []
