"""Transfers over HTTP: `python -m benchmarks.http`. Prints JSON; every claim is a ratio or a difference of two things of this run.

An app of StateFlow over a file, and an app by hand of FastAPI and `sqlite3` with the same body, the same checks and the same durability
(write-ahead log, `synchronous=FULL`, a commit for each transfer, a row for each reply), each a process with the same server. The clients
are connections that stay open, each with one request under way, in this process. In each turn every side is measured once, in another
order each time. A ratio is taken of two sides of one turn, so that what else the machine does slows both, and the median of all turns is
told, with the middle half. The time of a core that a server takes for a transfer is steadier still: what others do changes it little.
No number is reported before the money and the transfers in both files are counted, after the servers have ended.
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
_TURNS: Final = 24
_TIMEOUT_S: Final = 60
# The first part of the path, and the app that has it.
_BY_HAND: Final = ("pool", "loop")
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


class _Sides:
    """What the turns found: a number for each turn, by side and measure."""

    def __init__(self, servers: dict[str, _Server]) -> None:
        self._servers = servers
        self._found: dict[tuple[str, str], list[float]] = {}
        self.done: dict[str, int] = dict.fromkeys(servers, 0)

    def measure(self, seconds: float, clients: int) -> None:
        """Measure each side once in each turn; the first turn warms up and is not counted."""
        order = list(_SIDES)
        for turn in range(_TURNS + 1):
            for side in order:
                self._measure_one(side, seconds, clients, is_counted=turn > 0)
            order = [*order[1:], order[0]]

    def _measure_one(self, side: str, seconds: float, clients: int, *, is_counted: bool) -> None:
        app = _SIDES[side]
        server = self._servers[app]
        before, begin = server.cpu_s(), time.perf_counter()
        times = asyncio.run(_Load(side, seconds).run(server.port, clients))
        took, cpu_s = time.perf_counter() - begin, server.cpu_s() - before
        self.done[app] += len(times) if side != "bare" else 0
        turn = {"per_s": len(times) / took, "p50_us": statistics.median(times) * 1e6, "cpu_s": cpu_s, "transfers": len(times)}
        for measure, value in turn.items():
            if is_counted:
                self._found.setdefault((side, measure), []).append(value)

    def median(self, side: str, measure: str) -> float:
        """Return the median of the turns."""
        return statistics.median(self._found[side, measure])

    def cpu_us(self, side: str) -> float:
        """Return the time of a core that the server took for a transfer, over all turns: the system counts it in hundredths of a second."""
        return sum(self._found[side, "cpu_s"]) / sum(self._found[side, "transfers"]) * 1e6

    def ratios(self, over: str, under: str) -> list[float]:
        """Return the lower quartile, the median and the upper quartile of the rate of one side over another's in the same turn."""
        pairs = zip(self._found[over, "per_s"], self._found[under, "per_s"], strict=True)
        return [round(value, 2) for value in statistics.quantiles([one / other for one, other in pairs], n=4)]

    def p50_us_over_bare(self, side: str) -> int:
        """Return how much longer a side takes than the route that does nothing in the same turn: the median of the turns."""
        pairs = zip(self._found[side, "p50_us"], self._found["bare", "p50_us"], strict=True)
        return round(statistics.median(one - other for one, other in pairs))

    def shown(self) -> dict[str, dict[str, int]]:
        """Return what was found of each side."""
        shown = {side: {name: round(self.median(side, name)) for name in ("per_s", "p50_us")} for side in _SIDES}
        return {side: {**of_side, "cpu_us": round(self.cpu_us(side))} for side, of_side in shown.items()}


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


def _compared(many: _Sides) -> dict[str, Any]:
    fastest = max(_BY_HAND, key=lambda side: many.median(side, "per_s"))
    cpu_us = {side: many.cpu_us(side) for side in _SIDES}
    cheapest_us = min(cpu_us[side] for side in _BY_HAND)
    return {
        "fastest_by_hand": fastest,
        "stateflow_over_by_hand": many.ratios("stateflow", fastest),
        "transfers_per_core_over_by_hand": round(cheapest_us / cpu_us["stateflow"], 2),
        "cpu_us_over_bare_route": round(cpu_us["stateflow"] - cpu_us["bare"]),
        "by_hand_cpu_us_over_bare_route": round(cheapest_us - cpu_us["bare"]),
    }


def _compared_alone(one: _Sides) -> dict[str, int]:
    return {
        "p50_us_of_one_client_over_bare_route": one.p50_us_over_bare("stateflow"),
        "by_hand_p50_us_of_one_client_over_bare_route": min(one.p50_us_over_bare(side) for side in _BY_HAND),
    }


def http_transfers(seconds: float = 0.25) -> dict[str, Any]:
    """Measure all, each side for so many seconds in each turn."""
    with tempfile.TemporaryDirectory(prefix="stateflow-http-") as folder:
        with _servers(Path(folder)) as servers:
            one, many = _Sides(servers), _Sides(servers)
            one.measure(seconds / 4, 1)
            many.measure(seconds, _CLIENTS)
        done = {app: one.done[app] + many.done[app] for app in one.done}
        _verify("engine", _engine_totals(Path(folder) / "engine.db"), done["engine"])
        _verify("by_hand", totals_of_file(Path(folder) / "by_hand.db"), done["by_hand"])
    return {"clients": _CLIENTS, **many.shown(), **_compared(many), **_compared_alone(one), "verified": done}


def main() -> None:
    """Print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.25, help="how long each side is measured in each turn")
    seconds = parser.parse_args().seconds
    facts = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
    print(json.dumps({"machine": facts, "http_transfers": http_transfers(seconds)}, indent=2))


if __name__ == "__main__":
    main()
