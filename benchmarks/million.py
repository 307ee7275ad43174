"""One million entities with a bounded cache: `python -m benchmarks.million`. Prints JSON; every claim is a ratio of two things of this run.

Each step runs in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

import stateflow
from stateflow.options import LocalOptions
from stateflow.runtime.local import LocalRuntime

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stateflow.client import StateflowClient, StateflowFuture

__all__ = ["Account", "Document"]

_OUTSTANDING = 1024
_FEW = 5_000
_REPEATS = 3
_DOCUMENT_BYTES = 200_000


@stateflow.entity
class Account:
    """One of very many."""

    def __init__(self, number: int) -> None:
        self.number, self.money = number, 0

    def __key__(self) -> int:
        return self.number

    def add(self, amount: int) -> int:
        """Change the state."""
        self.money += amount
        return self.money


@stateflow.entity
class Document:
    """One with a large state."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text, self.reads = name, text, 0

    def __key__(self) -> str:
        return self.name

    def length(self) -> int:
        """Read the large part, and change nothing."""
        return len(self.text)


def open_runtime(path: Path, cache_mb: int) -> LocalRuntime:
    """Open the file."""
    return LocalRuntime(stateflow.init(Account, Document), path=path, options=LocalOptions(cache_bytes=cache_mb * 1_000_000))


def send_all(requests: Iterable[StateflowFuture[Any]]) -> None:
    """Send requests, a bounded number at once, and wait for all replies."""
    under_way: deque[StateflowFuture[Any]] = deque()
    for future in requests:
        under_way.append(future)
        if len(under_way) >= _OUTSTANDING:
            under_way.popleft().get(60)
    for future in under_way:
        future.get(60)


def memory_mb() -> int:
    """Return the most memory that this process ever had."""
    import resource

    # macOS counts bytes, Linux kibibytes.
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6)


def build(path: Path, count: int, cache_mb: int) -> dict[str, Any]:
    """Create the entities."""
    begin_mb = memory_mb()
    with open_runtime(path, cache_mb) as runtime, runtime.client(bind=False) as client:
        begin = time.perf_counter()
        send_all(client.create(Account, number) for number in range(count))
        seconds = time.perf_counter() - begin
    return {"creations_per_s": round(count / seconds), "memory_mb_at_start": begin_mb, "memory_mb_at_most": memory_mb()}


def reopen(path: Path, count: int, cache_mb: int) -> dict[str, Any]:
    """Open the file, and answer a first request."""
    flow = stateflow.init(Account, Document)
    begin = time.perf_counter()
    with LocalRuntime(flow, path=path, options=LocalOptions(cache_bytes=cache_mb * 1_000_000)) as runtime:
        opened = time.perf_counter() - begin
        with runtime.client(bind=False) as client:
            client.get(client.ref(Account, count // 2), "money").get(60)
            answered = time.perf_counter() - begin
    return {"opened_s": round(opened, 3), "first_reply_s": round(answered, 3)}


def throughput(path: Path, count: int, cache_mb: int) -> dict[str, Any]:
    """Compare changes of entities drawn from all with changes of entities drawn from few."""
    draw, requests = random.Random(1), min(count, 60_000)

    def rate(client: StateflowClient, keys: int) -> float:
        begin = time.perf_counter()
        send_all(client.call(Account.add, client.ref(Account, draw.randrange(keys)), 1) for _ in range(requests))
        return requests / (time.perf_counter() - begin)

    with open_runtime(path, cache_mb) as runtime, runtime.client(bind=False) as client:
        rate(client, _FEW)
        pairs = [(rate(client, count), rate(client, min(_FEW, count))) for _ in range(_REPEATS)]
    uniform, few = max(pair[0] for pair in pairs), max(pair[1] for pair in pairs)
    return {
        "all_keys_per_s": round(uniform),
        f"{_FEW}_keys_per_s": round(few),
        "all_over_few": round(uniform / few, 2),
        "memory_mb_at_most": memory_mb(),
    }


def large_state(path: Path, count: int, cache_mb: int) -> dict[str, Any]:
    """Compare what is written when a large entity is only read with what is written for a small one."""
    log = path.with_name(path.name + "-wal")
    with open_runtime(path, cache_mb) as runtime, runtime.client(bind=False) as client:
        document = client.create(Document, "large", "x" * _DOCUMENT_BYTES).get(60)
        account = client.ref(Account, count // 3)

        def written(read: Any) -> tuple[float, float]:
            before, begin = log.stat().st_size, time.perf_counter()
            for _ in range(100):
                read().get(60)
            return (log.stat().st_size - before) / 100, (time.perf_counter() - begin) / 100

        # The log must begin anew for its size to tell what is written.
        small, small_s = written(lambda: client.call(Account.add, account, 0))
        large, large_s = written(lambda: client.call(Document.length, document))
    return {
        "state_bytes": _DOCUMENT_BYTES,
        "written_bytes_a_read": round(large),
        "written_bytes_a_read_of_a_small_one": round(small),
        "time_over_that_of_a_small_one": round(large_s / small_s, 2),
    }


_STEPS = {"build": build, "reopen": reopen, "throughput": throughput, "reopen_again": reopen, "large_state": large_state}


def main() -> None:
    """Run every step in a process of its own, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entities", type=int, default=1_000_000)
    parser.add_argument("--cache-mb", type=int, default=64)
    parser.add_argument("--step", choices=list(_STEPS))
    parser.add_argument("--file", type=Path)
    given = parser.parse_args()
    if given.step:
        print(json.dumps(_STEPS[given.step](given.file, given.entities, given.cache_mb)))
        return
    facts = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
    results: dict[str, Any] = {"machine": facts, "entities": given.entities, "cache_mb": given.cache_mb}
    with tempfile.TemporaryDirectory(prefix="stateflow-million-") as folder:
        path = Path(folder) / "million.db"
        arguments = ["--entities", str(given.entities), "--cache-mb", str(given.cache_mb), "--file", str(path)]
        for step in _STEPS:
            command = [sys.executable, "-m", "benchmarks.million", "--step", step, *arguments]
            results[step] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
            print(step, results[step], file=sys.stderr, flush=True)
        results["file_mb"] = round(path.stat().st_size / 1e6)
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
