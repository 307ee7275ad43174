"""A real server: killed under load, and beset by clients that never end."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from stateflow.development.processes import free_ports, wait_until
from stateflow.limits import HTTP_BODY_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[3]
DEADLINE_S = 90
CLIENTS = 16
PURCHASES = 15


class Server:
    """`stateflow serve` over a file, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (self.port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}/stateflow"
        self.start()

    def start(self) -> None:
        module = ROOT / "demos" / "demo_common.py"
        command = [sys.executable, "-m", "stateflow", "serve", str(module), "--path", "shop.db", "--port", str(self.port)]
        with (self._folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=log)
        assert wait_until(self._answers, DEADLINE_S), (self._folder / "log").read_text()[-3000:]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/Item", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    server.kill()


def post(server: Server, path: str, **body: object) -> httpx.Response:
    answer = httpx.post(f"{server.url}/{path}", json=body, timeout=DEADLINE_S)
    assert answer.status_code in (200, 201), answer.text
    return answer


def buy(server: Server, client: int) -> None:
    """Buy one piece after another; send each purchase again, with its own key, until it is answered."""
    for number in range(PURCHASES):
        headers = {"Idempotency-Key": f"{client}-{number}"}
        end_s = time.monotonic() + DEADLINE_S
        while time.monotonic() < end_s:
            try:
                answer = httpx.post(
                    f"{server.url}/User/user-{client}/buy_item", json={"amount": 1, "item": "tea"}, headers=headers, timeout=10
                )
            except httpx.HTTPError:
                continue
            assert answer.json() is True, answer.text
            break


def test_each_purchase_is_made_once_when_the_server_is_killed_and_clients_send_again(server: Server) -> None:
    post(server, "Item", item_name="tea", price=1)
    post(server, "Item/tea/set_stock", amount=10_000)
    for client in range(CLIENTS):
        post(server, "User", username=f"user-{client}")
        post(server, f"User/user-{client}/update_balance", x=1_000)
    threads = [threading.Thread(target=buy, args=(server, client)) for client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        assert wait_until(lambda: not all(thread.is_alive() for thread in threads) or sold(server) > 0, DEADLINE_S)
        server.kill()
        server.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    assert sold(server) == CLIENTS * PURCHASES
    for client in range(CLIENTS):
        assert httpx.get(f"{server.url}/User/user-{client}", timeout=DEADLINE_S).json()["balance"] == 1_001 - PURCHASES


def sold(server: Server) -> int:
    return 10_000 - int(httpx.get(f"{server.url}/Item/tea", timeout=DEADLINE_S).json()["stock"])


def test_body_that_is_announced_too_large_is_refused_before_it_is_sent(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE_S) as connection:
        connection.sendall(b"POST /stateflow/User HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_body_without_end_is_refused_when_it_is_too_large(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE_S) as connection:
        connection.sendall(b"POST /stateflow/User HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        for _ in range(HTTP_BODY_BYTES // 65536 + 1):
            connection.sendall(chunk)
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_others_are_served_while_slow_clients_hold_connections(server: Server) -> None:
    slow = [socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE_S) for _ in range(200)]
    for connection in slow:
        connection.sendall(b"POST /stateflow/User HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    post(server, "User", username="quick")
    assert httpx.get(f"{server.url}/User/quick", timeout=DEADLINE_S).json()["username"] == "quick"
    for connection in slow:
        connection.close()
