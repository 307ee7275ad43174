"""Transfers over HTTP: `python -m benchmarks.http`. Prints JSON; every claim is a ratio or a difference of two things of this run.

An app of StateFlow over a file, and an app by hand of FastAPI and `sqlite3` with the same body, the same checks and the same durability
(write-ahead log, `synchronous=FULL`, a commit for each transfer, a row for each reply), each a process with the same server. The clients
are connections that stay open, each with one request under way, in this process. The measurements take turns, and each counts its best
turn. No number is reported before the money and the transfers in both files are counted, after the servers have ended.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psutil

import stateflow
from benchmarks.by_hand import totals_of_file
from benchmarks.durable import Account
from benchmarks.http_apps import ACCOUNTS, BALANCE, OWNERS
from stateflow.runtime.local import LocalRuntime

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["http_transfers"]

_CLIENTS: Final = 32
_TURNS: Final = 4
_TIMEOUT_S: Final = 60
# The first part of the path, and the app that has it.
_SIDES: Final = {"stateflow": "engine", "pool": "by_hand", "loop": "by_hand", "bare": "by_hand"}


class _Server:
    """An app in a process of its own."""

    def __init__(self, app: str, file: Path) -> None:
        command = [sys.executable, "-m", "benchmarks.http_apps", app, str(file)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def cpu_s(self) -> float:
        """Return the time of a core that it has taken so far."""
        times = psutil.Process(self._process.pid).cpu_times()
        return float(times.user + times.system)

    def stop(self) -> None:
        """End it in order."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(_TIMEOUT_S)
        if self._process.stdout is not None:
            self._process.stdout.close()


class _Connection(asyncio.Protocol):
    """One client: sends the next transfer when the reply to the one before has come. It reads no more of HTTP than these replies need."""

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._received = b""
        self.times: list[float] = []
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, ended, body = self._received.partition(b"\r\n\r\n")
        if not ended or len(body) < len(b"true"):
            return
        # Nobody runs out of money here; a refusal would be faster than a transfer.
        if not head.startswith(b"HTTP/1.1 200") or body != b"true":
            self._end(RuntimeError(f"a transfer was answered with {self._received!r}"))
            return
        now = time.perf_counter()
        self.times.append(now - self._sent)
        self._received = b""
        self._send() if now < self._load.end else self._end(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(error or RuntimeError("the server closed a connection"))

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(next(self._load.requests))

    def _end(self, error: Exception | None) -> None:
        self.ended.set_exception(error) if error else self.ended.set_result(None)
        self._transport.close()


class _Load:
    """What one measurement sends, and until when."""

    def __init__(self, side: str, seconds: float) -> None:
        self.requests = _requests(side)
        self.end = time.perf_counter() + seconds

    async def run(self, port: int, clients: int) -> list[float]:
        """Return the times from request to reply, in seconds."""
        loop = asyncio.get_running_loop()
        made = [await loop.create_connection(lambda: _Connection(self), "127.0.0.1", port) for _ in range(clients)]
        await asyncio.wait_for(asyncio.gather(*(connection.ended for _, connection in made)), _TIMEOUT_S)
        return [taken for _, connection in made for taken in connection.times]


def _requests(side: str) -> Iterator[bytes]:
    draw = random.Random(1)
    ready = []
    for _ in range(2_000):
        source, target = draw.sample(OWNERS, 2)
        body = json.dumps({"target": target, "amount": 1}).encode()
        head = f"POST /{side}/Account/{source}/transfer HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        head += f"Content-Length: {len(body)}\r\n\r\n"
        ready.append(head.encode() + body)
    while True:
        yield from ready


def _measure(servers: dict[str, _Server], seconds: float, clients: int, done: dict[str, int]) -> dict[str, dict[str, float]]:
    """Return the best rate, the median time and the least time of a core of each side, in turns; count what was done."""
    found: dict[str, dict[str, float]] = {}
    for _ in range(_TURNS):
        for side, app in _SIDES.items():
            server = servers[app]
            before, begin = server.cpu_s(), time.perf_counter()
            times = asyncio.run(_Load(side, seconds).run(server.port, clients))
            took = time.perf_counter() - begin
            cpu_us = (server.cpu_s() - before) / len(times) * 1e6
            turn = {"per_s": len(times) / took, "p50_us": statistics.median(times) * 1e6, "cpu_us": cpu_us}
            known = found.setdefault(side, turn)
            found[side] = {"per_s": max(known["per_s"], turn["per_s"]), **{m: min(known[m], turn[m]) for m in ("p50_us", "cpu_us")}}
            done[app] = done.get(app, 0) + (len(times) if side != "bare" else 0)
    return found


@contextmanager
def _servers(folder: Path) -> Iterator[dict[str, _Server]]:
    servers: dict[str, _Server] = {}
    try:
        for app in dict.fromkeys(_SIDES.values()):
            servers[app] = _Server(app, folder / f"{app}.db")
        yield servers
    finally:
        for server in servers.values():
            server.stop()


def _engine_totals(path: Path) -> tuple[int, int]:
    with LocalRuntime(stateflow.init(Account), path=path) as runtime, runtime.client(bind=False) as client:
        states = [client.state(client.ref(Account, owner)).get(_TIMEOUT_S) for owner in OWNERS]
    return sum(state["balance"] for state in states), sum(state["transfers"] for state in states)


def _verify(app: str, totals: tuple[int, int], done: int) -> None:
    money, transfers = totals
    if money != ACCOUNTS * BALANCE or transfers != done:
        raise SystemExit(f"{app}: {money} of money instead of {ACCOUNTS * BALANCE}, {transfers} transfers instead of {done}")


def _compared(many: dict[str, dict[str, float]], one: dict[str, dict[str, float]]) -> dict[str, float]:
    by_hand = max(many["pool"]["per_s"], many["loop"]["per_s"])
    return {
        "stateflow_over_by_hand": round(many["stateflow"]["per_s"] / by_hand, 2),
        "stateflow_over_by_hand_in_pool": round(many["stateflow"]["per_s"] / many["pool"]["per_s"], 2),
        "cpu_us_over_bare_route": round(many["stateflow"]["cpu_us"] - many["bare"]["cpu_us"]),
        "by_hand_cpu_us_over_bare_route": round(min(many["pool"]["cpu_us"], many["loop"]["cpu_us"]) - many["bare"]["cpu_us"]),
        "p50_us_of_one_client_over_bare_route": round(one["stateflow"]["p50_us"] - one["bare"]["p50_us"]),
        "by_hand_p50_us_of_one_client_over_bare_route": round(min(one["pool"]["p50_us"], one["loop"]["p50_us"]) - one["bare"]["p50_us"]),
    }


def http_transfers(seconds: float = 1.0) -> dict[str, Any]:
    """Measure all, each measurement for so many seconds in each turn."""
    done: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix="stateflow-http-") as folder:
        with _servers(Path(folder)) as servers:
            one, many = _measure(servers, seconds / 2, 1, done), _measure(servers, seconds, _CLIENTS, done)
        _verify("engine", _engine_totals(Path(folder) / "engine.db"), done["engine"])
        _verify("by_hand", totals_of_file(Path(folder) / "by_hand.db"), done["by_hand"])
    rounded = {side: {name: round(value) for name, value in values.items()} for side, values in many.items()}
    return {"clients": _CLIENTS, **rounded, **_compared(many, one), "verified": done}


def main() -> None:
    """Print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="how long each measurement takes, in each of four turns")
    seconds = parser.parse_args().seconds
    facts = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
    print(json.dumps({"machine": facts, "http_transfers": http_transfers(seconds)}, indent=2))


if __name__ == "__main__":
    main()
