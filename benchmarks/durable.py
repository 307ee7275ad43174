"""Durable transfers between two entities: `python -m benchmarks.durable`. Prints JSON; every claim is a ratio of two things of this run.

The embedded engine over a file, the same transfer by hand in `sqlite3` (rows for entities, a row for the reply, write-ahead log,
`synchronous=FULL`, a commit for each), and the same with plain objects. The measurements take turns, and each counts its best turn. No
number is reported before money and transfers are counted, in the engine's case by another runtime that opens the file again.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import platform
import random
import statistics
import tempfile
import threading
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

import stateflow
from benchmarks.by_hand import SqliteBank
from stateflow.runtime.local import LocalRuntime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stateflow.client import StateflowClient, StateflowFuture

__all__ = ["Account", "durable_transfers"]

_CLIENTS = 32
_PIPELINED = 8
_ACCOUNTS = 1_000
_BALANCE = 1_000_000
_TURNS = 3
_TIMEOUT_S = 60


@stateflow.entity
class Account:
    """Holds money."""

    def __init__(self, owner: str, balance: int) -> None:
        self.owner, self.balance, self.transfers = owner, balance, 0

    def __key__(self) -> str:
        return self.owner

    def deposit(self, amount: int) -> None:
        """Take money in."""
        self.balance += amount

    def transfer(self, target: Account, amount: int) -> bool:
        """Give money to another account, if there is enough."""
        if self.balance < amount:
            return False
        self.balance -= amount
        self.transfers += 1
        target.deposit(amount)
        return True


class _Run:
    """What all measurements share: how long each takes, who gives to whom, and how many transfers each side was told are done."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.done: dict[str, int] = {}
        draw = random.Random(1)
        self.pairs = itertools.cycle([tuple(draw.sample(range(_ACCOUNTS), 2)) for _ in range(10_000)])

    def rate(self, side: str, clients: list[Callable[[float], int]]) -> float:
        """Run clients in threads; return the operations of all of them in a second."""
        counts: list[int] = []
        begin = time.perf_counter()
        threads = [threading.Thread(target=lambda c=c: counts.append(c(begin + self.seconds))) for c in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(self.seconds + _TIMEOUT_S)
        assert len(counts) == len(clients), f"{len(clients) - len(counts)} clients of {side} failed"
        return self.counted(side, sum(counts), begin)

    def counted(self, side: str, count: int, begin: float) -> float:
        """Note operations that are done; return how many that is in a second."""
        took = time.perf_counter() - begin
        self.done[side] = self.done.get(side, 0) + count
        return count / took

    def p50_us(self, operations: dict[str, Callable[[], object]]) -> dict[str, float]:
        """Return the median time of each operation, in microseconds, for one client that does them in turn again and again."""
        times: dict[str, list[float]] = {side: [] for side in operations}
        end = time.perf_counter() + self.seconds * _TURNS
        while time.perf_counter() < end:
            for side, operation in operations.items():
                begin = time.perf_counter()
                operation()
                times[side].append(time.perf_counter() - begin)
        for side, taken in times.items():
            self.done[side] = self.done.get(side, 0) + len(taken)
        return {f"{side}_p50_us": statistics.median(taken) * 1e6 for side, taken in times.items()}


class _EngineBank:
    """The accounts on the embedded engine, and its clients."""

    def __init__(self, run: _Run, client: StateflowClient, owners: list[str]) -> None:
        self._run, self._client = run, client
        for future in [client.create(Account, owner, _BALANCE) for owner in owners]:
            future.get(_TIMEOUT_S)
        self._accounts = [client.ref(Account, owner) for owner in owners]

    def transfer(self) -> StateflowFuture[bool]:
        """Ask for a transfer."""
        source, target = next(self._run.pairs)
        return self._client.call(Account.transfer, self._accounts[source], self._accounts[target], 1)

    def read(self) -> StateflowFuture[int]:
        """Ask what an account holds."""
        return self._client.get(self._accounts[next(self._run.pairs)[0]], "balance")

    def threads(self, side: str, ask: Callable[[], StateflowFuture[Any]], outstanding: int) -> float:
        """Return the rate of clients that are threads, each with so many requests under way."""

        def client(end: float) -> int:
            under_way = deque(ask() for _ in range(outstanding - 1))
            count = 0
            while time.perf_counter() < end:
                under_way.append(ask())
                _check(under_way.popleft().get(_TIMEOUT_S))
                count += 1
            for future in under_way:
                _check(future.get(_TIMEOUT_S))
            return count + len(under_way)

        return self._run.rate(side, [client] * _CLIENTS)

    def tasks(self, side: str, ask: Callable[[], StateflowFuture[Any]], outstanding: int) -> float:
        """Return the rate of clients that are asyncio tasks, each with so many requests under way."""

        async def client(end: float) -> int:
            under_way = deque(ask() for _ in range(outstanding - 1))
            count = 0
            while time.perf_counter() < end:
                under_way.append(ask())
                _check(await under_way.popleft())
                count += 1
            for future in under_way:
                _check(await future)
            return count + len(under_way)

        async def clients(end: float) -> int:
            return sum(await asyncio.gather(*(client(end) for _ in range(_CLIENTS))))

        begin = time.perf_counter()
        return self._run.counted(side, asyncio.run(clients(begin + self._run.seconds)), begin)


def _check(reply: object) -> None:
    # Nobody runs out of money here; a refusal would be faster than a transfer.
    assert reply, reply


def _engine(bank: _EngineBank) -> dict[str, Callable[[], float]]:
    return {
        "engine_tasks_per_s": lambda: bank.tasks("engine", bank.transfer, 1),
        "engine_threads_per_s": lambda: bank.threads("engine", bank.transfer, 1),
        "engine_tasks_pipelined_per_s": lambda: bank.tasks("engine", bank.transfer, _PIPELINED),
        "engine_threads_pipelined_per_s": lambda: bank.threads("engine", bank.transfer, _PIPELINED),
        "reads_tasks_per_s": lambda: bank.tasks("reads", bank.read, 1),
        "reads_tasks_pipelined_per_s": lambda: bank.tasks("reads", bank.read, _PIPELINED),
        "reads_threads_pipelined_per_s": lambda: bank.threads("reads", bank.read, _PIPELINED),
    }


def _transfer_by_hand(run: _Run, bank: SqliteBank, owners: list[str]) -> Callable[[], None]:
    def transfer() -> None:
        source, target = next(run.pairs)
        _check(bank.transfer(owners[source], owners[target], 1))

    return transfer


def _by_hand(run: _Run, bank: SqliteBank, owners: list[str]) -> dict[str, Callable[[], float]]:
    transfer = _transfer_by_hand(run, bank, owners)

    def read() -> None:
        _check(bank.read(owners[next(run.pairs)[0]]))

    return {
        "by_hand_threads_per_s": lambda: run.rate("by_hand", [_repeat(transfer)] * _CLIENTS),
        # What tasks of one event loop come to, which call it one after another.
        "by_hand_one_thread_per_s": lambda: run.rate("by_hand", [_repeat(transfer)]),
        "by_hand_reads_per_s": lambda: run.rate("by_hand_reads", [_repeat(read)]),
    }


def _plain(run: _Run, accounts: list[Account]) -> dict[str, Callable[[], float]]:
    def transfer() -> None:
        source, target = next(run.pairs)
        _check(accounts[source].transfer(accounts[target], 1))

    return {"plain_objects_per_s": lambda: run.rate("plain", [_repeat(transfer)])}


def _repeat(operation: Callable[[], object]) -> Callable[[float], int]:
    def client(end: float) -> int:
        count = 0
        while time.perf_counter() < end:
            operation()
            count += 1
        return count

    return client


def _measure(measurements: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Take turns, so that a slow moment of the machine hits both sides of a ratio; keep the best turn of each."""
    turns = [{name: measurement() for name, measurement in measurements.items()} for _ in range(_TURNS)]
    return {name: max(turn[name] for turn in turns) for name in measurements}


def _verify(side: str, money: int, transfers: int, done: int) -> None:
    """Refuse to report on a side whose state is wrong."""
    if money != _ACCOUNTS * _BALANCE or transfers != done:
        raise SystemExit(f"{side}: {money} of money instead of {_ACCOUNTS * _BALANCE}, {transfers} transfers instead of {done}")


def _engine_totals(client: StateflowClient, owners: list[str]) -> tuple[int, int]:
    """Return the sum of money and of transfers of an engine."""
    states = [client.state(client.ref(Account, owner)) for owner in owners]
    found: Iterator[dict[str, Any]] = (state.get(_TIMEOUT_S) for state in states)
    pairs = [(state["balance"], state["transfers"]) for state in found]
    return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)


def _totals_of_file(path: Path, owners: list[str]) -> tuple[int, int]:
    """Return what another runtime finds in the file."""
    with LocalRuntime(stateflow.init(Account), path=path) as runtime, runtime.client(bind=False) as client:
        return _engine_totals(client, owners)


def _one_client(run: _Run, engine: _EngineBank, by_hand: Callable[[], None], owners: list[str]) -> dict[str, float]:
    """Time one client; the same engine without a file, and two threads that only wake each other, tell what of it is not the disk."""
    with LocalRuntime(stateflow.init(Account)) as runtime, runtime.client(bind=False) as client:
        in_memory = _EngineBank(run, client, owners)
        found = run.p50_us(
            {
                "engine": lambda: _check(engine.transfer().get(_TIMEOUT_S)),
                "by_hand": by_hand,
                "engine_in_memory": lambda: _check(in_memory.transfer().get(_TIMEOUT_S)),
            }
        )
        _verify("engine in memory", *_engine_totals(client, owners), run.done["engine_in_memory"])
    return {**found, "two_threads_wake_each_other_us": _wake_us()}


def _wake_us() -> float:
    """Return the median time of waking another thread and being woken by it."""
    there, back, times = threading.Semaphore(0), threading.Semaphore(0), []

    def answer() -> None:
        for _ in range(2_000):
            there.acquire(timeout=_TIMEOUT_S)
            back.release()

    thread = threading.Thread(target=answer)
    thread.start()
    for _ in range(2_000):
        begin = time.perf_counter()
        there.release()
        back.acquire(timeout=_TIMEOUT_S)
        times.append(time.perf_counter() - begin)
    thread.join(_TIMEOUT_S)
    return statistics.median(times) * 1e6


def _fsync_us(folder: Path) -> float:
    """Return the median time of writing 4 KiB durably, which tells a disk from memory."""
    times = []
    with (folder / "probe").open("wb", buffering=0) as file:
        for _ in range(200):
            begin = time.perf_counter()
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begin)
    return statistics.median(times) * 1e6


def _compared(found: dict[str, float]) -> dict[str, float]:
    engine = max(found["engine_tasks_per_s"], found["engine_threads_per_s"])
    pipelined = max(found["engine_tasks_pipelined_per_s"], found["engine_threads_pipelined_per_s"])
    by_hand = max(found["by_hand_threads_per_s"], found["by_hand_one_thread_per_s"])
    reads = max(rate for name, rate in found.items() if name.startswith("reads_"))
    return {
        "engine_over_by_hand": round(engine / by_hand, 2),
        "engine_threads_over_by_hand_threads": round(found["engine_threads_per_s"] / found["by_hand_threads_per_s"], 2),
        "engine_pipelined_over_by_hand": round(pipelined / by_hand, 2),
        "plain_objects_over_engine": round(found["plain_objects_per_s"] / engine, 1),
        "p50_of_one_client_over_by_hand": round(found["engine_p50_us"] / found["by_hand_p50_us"], 2),
        "reads_over_by_hand_reads": round(reads / found["by_hand_reads_per_s"], 2),
    }


def durable_transfers(seconds: float = 0.7) -> dict[str, Any]:
    """Measure all, each measurement for so many seconds in each turn."""
    run, owners = _Run(seconds), [f"owner-{number}" for number in range(_ACCOUNTS)]
    # While no client is bound to it, the class is plain Python.
    accounts = [Account(owner, _BALANCE) for owner in owners]
    with tempfile.TemporaryDirectory(prefix="stateflow-durable-") as folder:
        path, by_hand = Path(folder) / "engine.db", SqliteBank(Path(folder) / "by_hand.db", owners, _BALANCE)
        fsync_us = _fsync_us(Path(folder))
        with LocalRuntime(stateflow.init(Account), path=path) as runtime, runtime.client(bind=False) as client:
            engine = _EngineBank(run, client, owners)
            transfer = _transfer_by_hand(run, by_hand, owners)
            found = _one_client(run, engine, transfer, owners)
            found |= _measure(_engine(engine) | _by_hand(run, by_hand, owners) | _plain(run, accounts))
        _verify("engine", *_totals_of_file(path, owners), run.done["engine"])
        _verify("by hand", *by_hand.totals(), run.done["by_hand"])
        _verify("plain", sum(a.balance for a in accounts), sum(a.transfers for a in accounts), run.done["plain"])
        by_hand.close()
    facts = {"clients": _CLIENTS, "pipelined": _PIPELINED, "accounts": _ACCOUNTS, "fsync_us": round(fsync_us)}
    return {**facts, **{name: round(value) for name, value in found.items()}, **_compared(found), "verified": dict(run.done)}


def main() -> None:
    """Print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.7, help="how long each measurement takes, in each of three turns")
    seconds = parser.parse_args().seconds
    facts = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
    print(json.dumps({"machine": facts, "durable_transfers": durable_transfers(seconds)}, indent=2))


if __name__ == "__main__":
    main()
