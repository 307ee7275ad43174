"""Places of which each step runs in a process of its own, that knows the program and nothing of what happened before.

A server (`python -m tests.judge.fresh`) imports StateFlow. For each program it forks a process that loads and compiles it, and that
one forks a process for each envelope: records and envelope come in as bytes, changes and what is sent go out as bytes.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import struct
import subprocess
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from stateflow.core.machine import Machine
from stateflow.core.placement import EntityPlacement
from stateflow.runtime.simulation import Cluster

if TYPE_CHECKING:
    from stateflow.dataflow import Dataflow

__all__ = ["FreshMachine", "Server"]


class Step(msgspec.Struct):
    path: str
    place: str
    records: dict[str, bytes]
    data: bytes
    now_ns: int


class Outcome(msgspec.Struct):
    changes: dict[str, bytes | None]
    out: list[tuple[str, bytes]]
    printed: str
    error: str = ""


def _write(stream: BinaryIO, item: Any) -> None:
    data = msgspec.msgpack.encode(item)
    stream.write(struct.pack("<I", len(data)) + data)
    stream.flush()


def _read(stream: BinaryIO) -> bytes:
    head = stream.read(4)
    return stream.read(struct.unpack("<I", head)[0]) if len(head) == 4 else b""


class Server:
    """The server process, as the tests see it."""

    def __init__(self) -> None:
        root = Path(__file__).parent.parent.parent
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.judge.fresh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
        )

    def step(self, step: Step) -> Outcome:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        _write(self._process.stdin, step)  # type: ignore[arg-type]
        data = _read(self._process.stdout)  # type: ignore[arg-type]
        outcome = msgspec.msgpack.decode(data, type=Outcome)
        assert not outcome.error, outcome.error
        return outcome

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


class FreshMachine:
    """Stands for a machine: it holds bytes only."""

    def __init__(self, server: Server, program: Path, name: str, records: dict[str, bytes]) -> None:
        self._server = server
        self._program = program
        self._records = records
        self._changes: dict[str, bytes | None] = {}
        self.name = name

    def receive(self, data: bytes, now_ns: int) -> list[tuple[str, bytes]]:
        outcome = self._server.step(Step(str(self._program), self.name, self._records, data, now_ns))
        self._changes = outcome.changes
        sys.stdout.write(outcome.printed)
        return outcome.out

    def take_changes(self) -> dict[str, bytes | None]:
        return self._changes


class FreshCluster(Cluster):
    """A cluster of such places."""

    server: Server
    program: Path

    @staticmethod
    def of(server: Server, program: Path) -> type[FreshCluster]:
        """Return the class of the clusters that run one program."""
        return type("ProgramCluster", (FreshCluster,), {"server": server, "program": program})

    def machine(self, name: str) -> Any:
        return FreshMachine(self.server, self.program, name, self.records.setdefault(name, {}))


def _serve() -> None:
    current, requests = "", None
    child = 0
    while data := _read(sys.stdin.buffer):
        path = msgspec.msgpack.decode(data, type=Step).path
        if path != current:
            if requests is not None:
                requests.close()
                os.waitpid(child, 0)
            current = path
            child, requests = _fork_program(Path(path))
        assert requests is not None
        requests.write(struct.pack("<I", len(data)) + data)
        requests.flush()
    if requests is not None:
        requests.close()
        os.waitpid(child, 0)


def _fork_program(path: Path) -> tuple[int, BinaryIO]:
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(reading)
        return child, os.fdopen(writing, "wb")
    os.close(writing)
    try:
        _serve_program(path, os.fdopen(reading, "rb"))
    finally:
        os._exit(0)


def _serve_program(path: Path, requests: BinaryIO) -> None:
    import stateflow
    from tests.judge.corpus import Program, entity_classes

    warnings.simplefilter("ignore")
    flow = stateflow.init(*entity_classes(Program(path).load()))
    flow.prepare()
    for cls in flow.classes:
        # Each child would find it out anew.
        flow.schema(cls)
    # The children end soon: what the collector would touch would be copied for nothing.
    gc.disable()
    gc.freeze()
    while data := _read(requests):
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            continue
        try:
            _write(sys.stdout.buffer, _run(flow, msgspec.msgpack.decode(data, type=Step)))
        finally:
            os._exit(0)


def _run(flow: Dataflow, step: Step) -> Outcome:
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            machine = Machine(flow, step.place, EntityPlacement(), step.records, suspends=True)
            out = machine.receive(step.data, step.now_ns)
        letters = [letter.reason for letter in machine.dead_letters.all()]
        return Outcome(machine.take_changes(), out, printed.getvalue(), "; ".join(letters))
    except BaseException as error:
        return Outcome({}, [], "", f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    _serve()
