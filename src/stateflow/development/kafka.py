"""A real Kafka broker, for development and tests. Not for production: an open door, and one copy where it is alone.

With further listeners, certificates and an authorizer it refuses as a real cluster does, so that security can be tried on one machine.
"""

from __future__ import annotations

import subprocess
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from msgspec import Struct

from stateflow.development.jars import fetch_jars, find_java
from stateflow.development.processes import JavaProcess, free_ports, is_free, takes_connections
from stateflow.errors import StartFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["KafkaBroker", "Member"]

START_DEADLINE_S: Final = 60.0
_HOST: Final = "127.0.0.1"
_JVM: Final = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dlog4j2.level=WARN")
_FORMAT_DEADLINE_S: Final = 60.0


class Member(Struct, frozen=True):
    """Which of several brokers one is.

    Attributes:
        number: its own, from 1.
        controller_ports: where all of them, in order, agree on who leads what.
        cluster: what their storage is known by.
    """

    number: int
    controller_ports: tuple[int, ...]
    cluster: str


class KafkaBroker:
    """A broker and controller in one process.

    Args:
        folder: where its log, settings and topics are kept. A broker that is started again over the same folder has its former topics.
        port: where clients connect; chosen when not given.
        settings: further lines of the server's properties, such as `message.max.bytes`, `ssl.keystore.location` or `authorizer.class.name`.
        listeners: further listeners, each with its protocol, such as `{"SAFE": "SASL_SSL"}`; `address_of` says where they are. They take
            connections for `localhost`, which their certificate has to name.
        on_fetched: called with the name of each archive that has to be fetched first.
        member: which of several brokers this one is (`KafkaCluster`); one alone when not given.

    Example (not run here, since it needs Java and Maven):
        with KafkaBroker(Path("kafka")) as broker:
            print(broker.address)
    """

    def __init__(
        self,
        folder: Path,
        port: int | None = None,
        settings: Mapping[str, str] | None = None,
        listeners: Mapping[str, str] | None = None,
        on_fetched: Callable[[str], None] | None = None,
        member: Member | None = None,
    ) -> None:
        self.folder = folder
        self._java = find_java()
        self._classes = fetch_jars("kafka", on_fetched)
        self._protocols = dict(listeners or {})
        controller_port, chosen, *further = free_ports(2 + len(self._protocols))
        self._member = member or Member(1, (controller_port,), str(uuid.uuid4()))
        self.port = port or chosen
        self._ports = dict(zip(self._protocols, further, strict=True))
        self._settings = dict(settings or {})
        self._process: JavaProcess | None = None

    @property
    def address(self) -> str:
        """What clients name as `brokers`."""
        return f"{_HOST}:{self.port}"

    def address_of(self, listener: str) -> str:
        """Return what clients of a further listener name as `brokers`."""
        return f"localhost:{self._ports[listener]}"

    @property
    def pid(self) -> int:
        """The process id of the running broker."""
        assert self._process is not None
        return self._process.pid

    @property
    def pids(self) -> list[int]:
        """That process id alone, for who knows of several brokers too."""
        return [self.pid]

    def start(self) -> None:
        """Start it, and wait until it takes connections.

        Raises:
            StartFailed: it did not; the message has the end of its log.
        """
        self.launch()
        self.wait_ready()

    def launch(self) -> None:
        """Start it without waiting: the first of several brokers is ready when the others are there.

        Raises:
            StartFailed: its port is taken, or its storage could not be prepared.
        """
        if not is_free(self.port):
            raise StartFailed("Kafka", f"port {self.port} is taken: name another one, or end what has it", "", str(self.folder))
        properties = self.folder / "server.properties"
        self.folder.mkdir(parents=True, exist_ok=True)
        # Anew each time: the ports of the last time may be taken.
        properties.write_text("".join(f"{name}={value}\n" for name, value in self._properties().items()))
        if not (self.folder / "topics" / "meta.properties").exists():
            self._format(properties)
        self._process = JavaProcess("Kafka", self._command("kafka.Kafka", str(properties)), self.folder / "broker.log")

    def wait_ready(self) -> None:
        """Wait until it takes connections.

        Raises:
            StartFailed: it did not in time, or ended; the message has the end of its log.
        """
        assert self._process is not None
        self._process.wait_ready(lambda: all(map(takes_connections, (self.port, *self._ports.values()))), START_DEADLINE_S)

    def stop(self) -> None:
        """End it in order."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def kill(self) -> None:
        """End it as a crash would (SIGKILL); `start` brings it back."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _bound(self) -> list[str]:
        return [f"{name}://{_HOST}:{port}" for name, port in {"PLAINTEXT": self.port, **self._ports}.items()]

    def _advertised(self) -> list[str]:
        return [f"PLAINTEXT://{self.address}", *(f"{name}://{self.address_of(name)}" for name in self._ports)]

    def _command(self, main: str, *arguments: str) -> list[str]:
        return [self._java, *_JVM, "-cp", str(self._classes / "*"), main, *arguments]

    def _format(self, properties: Path) -> None:
        command = self._command("kafka.tools.StorageTool", "format", "-t", self._member.cluster, "-c", str(properties))
        done = subprocess.run(command, capture_output=True, timeout=_FORMAT_DEADLINE_S, check=False)
        if done.returncode:
            text = (done.stdout + done.stderr).decode(errors="replace")
            raise StartFailed("Kafka", "its storage could not be prepared", text, str(self.folder))

    def _properties(self) -> dict[str, str]:
        number, ports = self._member.number, self._member.controller_ports
        voters = ",".join(f"{index}@{_HOST}:{port}" for index, port in enumerate(ports, 1))
        # Of internal topics too, one node has one copy.
        copies = min(len(ports), 3)
        protocols = {"PLAINTEXT": "PLAINTEXT", "CONTROLLER": "PLAINTEXT", **self._protocols}
        return {
            "process.roles": "broker,controller",
            "node.id": str(number),
            "controller.quorum.voters": voters,
            "controller.listener.names": "CONTROLLER",
            "listeners": ",".join([*self._bound(), f"CONTROLLER://{_HOST}:{ports[number - 1]}"]),
            "advertised.listeners": ",".join(self._advertised()),
            "listener.security.protocol.map": ",".join(f"{name}:{protocol}" for name, protocol in protocols.items()),
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": str(self.folder.resolve() / "topics"),
            "offsets.topic.replication.factor": str(copies),
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": str(copies),
            "transaction.state.log.min.isr": str(max(1, copies - 1)),
            "group.initial.rebalance.delay.ms": "0",
            # The topics are made with their right settings by who needs them; a name typed wrongly must not make one.
            "auto.create.topics.enable": "false",
            # A broker that was killed is known to be gone before it is started again.
            "broker.session.timeout.ms": "1500",
            "broker.heartbeat.interval.ms": "300",
            **self._settings,
        }
