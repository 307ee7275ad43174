"""The engines that a workload can run on: opened, opened again before the states are checked, and closed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import deque
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import stateflow
from stateflow.bench.names import EngineName
from stateflow.errors import EntityNotFound, JobFailed
from stateflow.options import KafkaOptions, LocalOptions
from stateflow.runtime.local import LocalRuntime

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from stateflow.bench.workload import Workload
    from stateflow.client.base import StateflowClient

__all__ = ["Engine", "EngineName", "FlinkEngine", "LocalEngine", "open_engine"]

_UNDER_WAY = 1_024
_PAGE = 500
_TIMEOUT_S = 120.0
_SUBMIT_TIMEOUT_S = 200.0


class Engine(Protocol):
    """An engine with a workload's classes, and a client of it."""

    client: StateflowClient

    def reopen(self) -> None:
        """Let everything that is only in memory be forgotten, where the engine can."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None: ...


class LocalEngine:
    """The embedded engine, over a file or in memory.

    Args:
        workload: whose classes it runs.
        path: the file; None for memory.
        options: limits of the engine.
    """

    def __init__(self, workload: Workload, path: Path | None, options: LocalOptions | None = None) -> None:
        self._flow = stateflow.init(*workload.classes)
        self._flow.prepare()
        self._path = path
        self._options = options or LocalOptions()
        self._open()

    def _open(self) -> None:
        self._runtime = LocalRuntime(self._flow, path=self._path, options=self._options)
        self.client: StateflowClient = self._runtime.client(bind=False)

    def reopen(self) -> None:
        """Open the file again: then only what is in it is seen."""
        if self._path is not None:
            self._runtime.close()
            self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._runtime.close()


class FlinkEngine:
    """A Kafka broker and a Flink cluster on this machine, with the workload's job.

    Args:
        name: the workload's name.
        workload: whose classes it runs.
    """

    def __init__(self, name: str, workload: Workload) -> None:
        from stateflow.development.flink import FlinkCluster
        from stateflow.development.kafka import KafkaBroker

        self._stack = ExitStack()
        with ExitStack() as opening:
            folder = Path(opening.enter_context(tempfile.TemporaryDirectory(prefix="stateflow-bench-")))
            kafka = opening.enter_context(KafkaBroker(folder / "kafka"))
            flink = opening.enter_context(FlinkCluster(folder / "flink"))
            _submit(name, kafka.address, flink.address)
            self.client = opening.enter_context(_kafka_client(name, workload, kafka.address))
            self._stack = opening.pop_all()

    def reopen(self) -> None:
        """Do nothing: the states are the job's, which has no second copy to read."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._stack.close()


def _submit(name: str, brokers: str, jobmanager: str) -> None:
    command = [sys.executable, "-m", "stateflow.bench.flink_job", name, brokers, jobmanager]
    done = subprocess.run(command, check=False, timeout=_SUBMIT_TIMEOUT_S, capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise JobFailed(name, reason.removeprefix(f"SF622: the job of {name} failed: "))


def _kafka_client(name: str, workload: Workload, brokers: str) -> StateflowClient:
    from stateflow.client.kafka_client import StateflowKafkaClient

    options = KafkaOptions(brokers=brokers, application=name)
    return StateflowKafkaClient(stateflow.init(*workload.classes), options=options, bind=False)


def open_engine(engine: EngineName, name: str, workload: Workload, path: Path | None) -> Engine:
    """Start an engine for a workload.

    Args:
        engine: which one.
        name: the workload's name.
        workload: the workload.
        path: the file of the embedded engine.

    Raises:
        StateflowError: it does not start.
    """
    match engine:
        case EngineName.LOCAL:
            return LocalEngine(workload, path)
        case EngineName.LOCAL_MEMORY:
            return LocalEngine(workload, None)
        case EngineName.FLINK:
            return FlinkEngine(name, workload)


def states_of(client: StateflowClient, cls: type, keys: Iterable[object]) -> Iterator[tuple[object, dict[str, Any] | None]]:
    """Yield each key with the state of its entity, None for one that does not exist; many are read at once."""
    return _snapshots(client, cls, keys) if client.reads_many else _states(client, cls, keys)


def _snapshots(client: StateflowClient, cls: type, keys: Iterable[object]) -> Iterator[tuple[object, dict[str, Any] | None]]:
    source = iter(keys)
    while page := list(islice(source, _PAGE)):
        refs: list[Any] = [client.ref(cls, key) for key in page]
        found = client.snapshot(refs).get(_TIMEOUT_S)
        yield from ((key, found.get(ref)) for key, ref in zip(page, refs, strict=True))


def _states(client: StateflowClient, cls: type, keys: Iterable[object]) -> Iterator[tuple[object, dict[str, Any] | None]]:
    under_way: deque[tuple[object, Any]] = deque()
    for key in keys:
        under_way.append((key, client.state(client.ref(cls, key))))
        if len(under_way) >= _UNDER_WAY:
            yield _state(*under_way.popleft())
    while under_way:
        yield _state(*under_way.popleft())


def _state(key: object, future: Any) -> tuple[object, dict[str, Any] | None]:
    try:
        return key, future.get(_TIMEOUT_S)
    except EntityNotFound:
        return key, None
