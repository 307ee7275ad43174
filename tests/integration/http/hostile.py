"""Hostile clients against a real server: `python -m tests.integration.http.hostile` at full size prints JSON, or fails.

The promise: the server's memory stays within a bound, and others are served meanwhile.
"""

from __future__ import annotations

import contextlib
import json
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psutil
from msgspec import Struct

from stateflow.development.processes import wait_until
from stateflow.limits import HTTP_CONNECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["FULL", "MODERATE", "Sizes", "besieged", "run"]

ROOT = Path(__file__).parents[3]
DEADLINE_S = 90
CHUNK = b"x" * 65536
# Each of the server's connections may hold a body of 4 MiB; a few do here.
GROWTH_BYTES = 200 * 1024 * 1024
# On a machine whose cores have other work, too.
SERVED_S = 20.0


class Sizes(Struct, frozen=True):
    """How large the attacks are."""

    body_bytes: int
    chunks: int
    nesting: int
    slow_clients: int
    slow_s: float
    connections: int


FULL = Sizes(1_000_000_000, 20_000, 100_000, 500, 25.0, 10_000)
MODERATE = Sizes(50_000_000, 2_000, 100_000, 50, 3.0, 2_600)


class Server:
    """`stateflow serve` in a process of its own, whose memory is looked at all the time, with one who asks it again and again."""

    def __init__(self, folder: Path) -> None:
        self.port = 0
        command = [sys.executable, "-m", "stateflow", "serve", str(ROOT / "demos" / "demo_common.py"), "--port", "0"]
        self._log = (folder / "log").open("wb")
        self._process = subprocess.Popen(command, cwd=folder, stdout=self._log, stderr=self._log)
        self._memory = psutil.Process(self._process.pid)
        self._ended = threading.Event()
        self.answers: list[float] = []
        self.failures: list[str] = []
        self.peak_bytes = 0
        assert wait_until(lambda: self._is_up(folder / "log"), DEADLINE_S), (folder / "log").read_text()
        self.first_bytes = self._memory.memory_info().rss
        self._bystander = threading.Thread(target=self._ask)
        self._bystander.start()

    def _is_up(self, log: Path) -> bool:
        # The log says which port the server took; one chosen before could be anybody's by then.
        found = re.search(r"running on http://127\.0\.0\.1:(\d+)", log.read_text())
        self.port = int(found[1]) if found else 0
        return found is not None

    def _ask(self) -> None:
        """Ask on a new connection each time, as one who has nothing to do with the attack."""
        number = 0
        while not self._ended.is_set():
            self.peak_bytes = max(self.peak_bytes, self._memory.memory_info().rss)
            begin_s, number = time.perf_counter(), number + 1
            try:
                body = {"item_name": f"tea-{number}", "price": 1}
                answer = httpx.post(f"http://127.0.0.1:{self.port}/stateflow/Item", json=body, timeout=SERVED_S)
                if answer.status_code != 201:
                    self.failures.append(f"{answer.status_code} {answer.text}")
            except httpx.HTTPError as error:
                self.failures.append(repr(error))
            self.answers.append(time.perf_counter() - begin_s)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE_S)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the process until `go_on`, or the end; this process may have as many open files as an attack needs meanwhile."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 2 * HTTP_CONNECTIONS)), hard))
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.go_on()
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    def go_on(self) -> None:
        """Let the process go on."""
        self._process.send_signal(signal.SIGCONT)

    def wait_for_answers(self, count: int) -> None:
        """Wait until the bystander has asked so many more times."""
        wanted = len(self.answers) + count
        assert wait_until(lambda: len(self.answers) >= wanted, DEADLINE_S), self.failures

    def stop(self) -> None:
        self._ended.set()
        self._bystander.join(DEADLINE_S)
        self._process.kill()
        self._process.wait()
        self._log.close()


def _head(extra: str) -> bytes:
    return f"POST /stateflow/User HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{extra}\r\n\r\n".encode()


def _status(connection: socket.socket) -> int:
    """Return the status of the answer; 0 when the server closed without one, which it may while more is being sent."""
    try:
        head = connection.recv(100)
    except ConnectionError:
        return 0
    return int(head.split()[1]) if head else 0


def _send_all(connection: socket.socket, part: bytes, count: int) -> int:
    """Send a part again and again until the server no longer takes it; return how many times it did."""
    for number in range(count):
        try:
            connection.sendall(part)
        except OSError:
            return number
    return count


def large_body(server: Server, sizes: Sizes) -> dict[str, Any]:
    """Announce a large body and send it, whatever the server says meanwhile."""
    with server.connect() as connection:
        connection.sendall(_head(f"Content-Length: {sizes.body_bytes}"))
        _send_all(connection, CHUNK, sizes.body_bytes // len(CHUNK))
        status = _status(connection)
    assert status in (0, 413), status
    return {"bytes": sizes.body_bytes, "status": status}


def endless_body(server: Server, sizes: Sizes) -> dict[str, Any]:
    """Send chunks and never the last one."""
    with server.connect() as connection:
        connection.sendall(_head("Transfer-Encoding: chunked"))
        taken = _send_all(connection, b"10000\r\n" + CHUNK + b"\r\n", sizes.chunks)
        status = _status(connection)
    assert status in (0, 413), status
    return {"chunks_taken": taken, "status": status}


def nested_body(server: Server, sizes: Sizes) -> dict[str, Any]:
    """Send JSON that a parser would recurse into."""
    for opening in (b"[", b'{"a":'):
        body = opening * sizes.nesting
        with server.connect() as connection:
            connection.sendall(_head(f"Content-Length: {len(body)}") + body)
            status = _status(connection)
        assert 400 <= status < 500, status
    return {"nesting": sizes.nesting, "status": status}


def slow_clients(server: Server, sizes: Sizes) -> dict[str, Any]:
    """Send one byte a second, half of the clients of the head, half of the body."""
    connections = [server.connect() for _ in range(sizes.slow_clients)]
    for number, connection in enumerate(connections):
        connection.sendall(_head("Content-Length: 1000") if number % 2 else b"P")
    end_s = time.monotonic() + sizes.slow_s
    alive = len(connections)
    while time.monotonic() < end_s:
        alive = sum(_send_all(connection, b"x", 1) for connection in connections)
        server.wait_for_answers(1)
        # One byte a second is the attack itself; nothing is waited for.
        threading.Event().wait(1.0)
    for connection in connections:
        connection.close()
    return {"clients": len(connections), "alive_at_the_end": alive}


def many_connections(server: Server, sizes: Sizes) -> dict[str, Any]:
    """Open connections and say nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(sizes.connections, hard - 500)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count + 500), hard))
    connections: list[socket.socket] = []
    try:
        for _ in range(count):
            connections.append(server.connect())
        server.wait_for_answers(3)
    finally:
        for connection in connections:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return {"connections": count}


def connections_during_a_pause(server: Server, sizes: Sizes) -> dict[str, Any]:
    """Open more connections than there may be while the server does not run, after somebody has sent a request."""
    body = b'{"username": "first"}'
    with contextlib.ExitStack() as stack, server.paused():
        first = stack.enter_context(server.connect())
        first.sendall(_head(f"Content-Length: {len(body)}") + body)
        for _ in range(HTTP_CONNECTIONS + 20):
            stack.enter_context(server.connect())
        server.go_on()
        status = _status(first)
        server.wait_for_answers(2)
    assert status == 201, status
    return {"status": status}


ATTACKS: tuple[Callable[[Server, Sizes], dict[str, Any]], ...] = (
    large_body, endless_body, nested_body, slow_clients, many_connections, connections_during_a_pause,
)  # fmt: skip


@contextlib.contextmanager
def besieged(folder: Path) -> Iterator[Server]:
    """Start a server for attacks."""
    server = Server(folder)
    try:
        yield server
    finally:
        server.stop()


def run(attack: Callable[[Server, Sizes], dict[str, Any]], sizes: Sizes, folder: Path) -> dict[str, Any]:
    """Attack a server of its own, and check what it promises."""
    with besieged(folder) as server:
        server.wait_for_answers(2)
        found = attack(server, sizes)
        server.wait_for_answers(2)
    growth = server.peak_bytes - server.first_bytes
    assert not server.failures, server.failures[:3]
    assert growth < GROWTH_BYTES, growth
    megabytes = {"rss_mb": round(server.first_bytes / 1e6), "peak_rss_mb": round(server.peak_bytes / 1e6)}
    return {**found, **megabytes, "others_served": len(server.answers), "longest_answer_s": round(max(server.answers), 2)}


def main() -> None:
    """Attack at full size."""
    found = {}
    for attack in ATTACKS:
        with tempfile.TemporaryDirectory(prefix="stateflow-hostile-") as folder:
            found[attack.__name__] = run(attack, FULL, Path(folder))
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
