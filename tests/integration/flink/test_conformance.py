"""The suite of all engines on a real Flink: each test has a job of its own; what restarts is a TaskManager that is killed."""

from __future__ import annotations

import itertools
import linecache
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stateflow.client.kafka_client import StateflowKafkaClient
from stateflow.options import KafkaOptions
from tests.conformance.engine import Engine, Session
from tests.conformance.suite import *  # noqa: F403
from tests.integration.flink.engines import Engines, stateflow_flink

if TYPE_CHECKING:
    from stateflow.client.base import StateflowClient
    from stateflow.client.future import StateflowFuture
    from stateflow.dataflow import Dataflow

# In one job for all: `test_programs.py`.
del test_program_answers_as_cpython_does  # noqa: F821

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.xdist_group("flink"), pytest.mark.timeout(600)]
REPLY_S = 120
_numbers = itertools.count()


class OnFlink(Engine):
    """Submits a job for each session, by the command line."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def open(self, flow: Dataflow, folder: Path) -> Session:
        options = KafkaOptions(brokers=self._engines.kafka.address, application=f"suite-{next(_numbers)}", reply_timeout_s=REPLY_S)
        return _FlinkSession(self._engines, flow, folder, options)


class _FlinkSession(Session):
    def __init__(self, engines: Engines, flow: Dataflow, folder: Path, options: KafkaOptions) -> None:
        self._engines, self._flow, self._folder, self._options = engines, flow, folder, options
        self._clients: list[StateflowKafkaClient] = []
        self._run("submit")

    def _run(self, command: str) -> None:
        where = ["--jobmanager", self._engines.flink.address, "--brokers", self._options.brokers, "--parallelism", "2"]
        done = stateflow_flink(command, _module_of(self._flow, self._folder), *where, "--application", self._options.application)
        assert done.returncode == 0, done.stderr

    def client(self, *, bind: bool = False) -> StateflowClient:
        client = StateflowKafkaClient(self._flow, options=self._options, bind=bind)
        self._clients.append(client)
        return client

    def wait(self, future: StateflowFuture[Any]) -> Any:
        return future.get(timeout=REPLY_S)

    def restart(self, flow: Dataflow | None = None) -> None:
        if flow is not None:
            self._flow = flow
            self._run("upgrade")
            return
        flink = self._engines.flink
        while flink.task_managers:
            flink.task_managers.pop().kill()
        flink.start_task_manager()

    def close(self) -> None:
        for client in self._clients:
            client.close()
        self._engines.end_jobs()


def _module_of(flow: Dataflow, folder: Path) -> str:
    """Return the module of a dataflow's classes as the command line takes it; one that is a text only is written first."""
    (module,) = {cls.__module__ for cls in flow.classes}
    file = Path(str(sys.modules[module].__file__))
    if file.exists():
        # By its name, as exceptions have to be those that the client knows.
        return module
    written = folder / file.name
    written.write_text("".join(linecache.getlines(str(file))))
    return str(written)


@pytest.fixture
def engine(engines: Engines) -> Engine:
    return OnFlink(engines)
