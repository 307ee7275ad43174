"""Methods of few and of many blocks: what one request sends between two places, and how long it takes.

A frame names its program counter and holds live variables, whatever else the method consists of. So neither should grow with its length.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import stateflow
from stateflow.core.placement import EntityPlacement
from stateflow.protocol.steps import Move, decode_envelope
from stateflow.runtime.simulation import Cluster

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["LENGTHS", "measure_length", "method_lengths"]

LENGTHS = (10, 100, 1_000)
_REPEATS = 50

_HEAD = """
import stateflow

@stateflow.entity
class Long:
    def __init__(self, name: str) -> None:
        self.name, self.count = name, 0

    def __key__(self) -> str:
        return self.name

    def add(self, amount: int) -> int:
        self.count += amount
        return self.count

    def visit(self, other: 'Long', step: int) -> int:
        total = 0
"""
_STEP = """        if step == {number}:
            total += other.add(1)
"""


class _Counting(Cluster):
    """Counts moves and the bytes between places."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bytes = self.moves = 0

    def transmit(self, source: str, target: str, data: bytes) -> None:
        """Count an envelope, and pass it on."""
        if source not in self.clients and target not in self.clients:
            self.bytes += len(data)
            self.moves += sum(isinstance(message, Move) for message in decode_envelope(data).messages)
        super().transmit(source, target, data)


def method_lengths() -> dict[str, Any]:
    """Return bytes, moves and microseconds of one request for each length."""
    with tempfile.TemporaryDirectory() as folder:
        return {str(blocks): measure_length(blocks, Path(folder)) for blocks in LENGTHS}


def measure_length(blocks: int, folder: Path) -> dict[str, Any]:
    """Return how many blocks the method really has, and what a request costs that suspends in the last of its suspension points.

    Args:
        blocks: how many suspension points the method has; each is a block of its own, and so is what follows it.
        folder: where the module is written.
    """
    module = _module(blocks, folder)
    cls: Any = vars(module)["Long"]
    cluster = _Counting(stateflow.init(cls), EntityPlacement())
    client = cluster.client("caller")
    one, other = (_wait(cluster, client.create(cls, name)) for name in ("one", "other"))
    # Once before anything is counted: code is generated at the first use.
    _wait(cluster, client.call(cls.visit, one, other, blocks - 1))
    cluster.bytes = cluster.moves = 0
    times = []
    for _ in range(_REPEATS):
        begin = time.thread_time()
        _wait(cluster, client.call(cls.visit, one, other, blocks - 1))
        times.append(time.thread_time() - begin)
    return {"bytes": cluster.bytes / _REPEATS, "moves": cluster.moves / _REPEATS, "us": round(min(times) * 1e6)}


def _wait(cluster: Cluster, future: Any) -> Any:
    cluster.run(future.done, max_steps=100_000)
    while cluster.deliver():
        pass
    return future.get()


def _module(blocks: int, folder: Path) -> ModuleType:
    name = f"method_of_{blocks}_blocks"
    path = folder / f"{name}.py"
    steps = "".join(_STEP.format(number=number) for number in range(blocks))
    path.write_text(f"{_HEAD}{steps}        return total\n", encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
