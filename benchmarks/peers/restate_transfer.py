"""The transfer with Restate: a handler that withdraws from one virtual object and deposits to another, each step in Restate's log.

Its server, `restate-server`, is given as the last argument; handlers run in a process of their own.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import hypercorn.asyncio
import hypercorn.config
import restate
from measuring import BALANCE, Given, arguments, finish, measure, owner

_START_S = 60
account = restate.VirtualObject("Account")
transfers = restate.Service("Transfers")


@account.handler()
async def change(context: restate.ObjectContext, amount: int) -> bool:
    """Add, or take if there is enough."""
    balance = await context.get("balance", type_hint=int)
    changed = (BALANCE if balance is None else balance) + amount
    if changed < 0:
        return False
    context.set("balance", changed)
    return True


@account.handler(kind="shared")
async def balance(context: restate.ObjectSharedContext) -> int:
    """Return what an account holds."""
    found = await context.get("balance", type_hint=int)
    return BALANCE if found is None else found


@transfers.handler()
async def transfer(context: restate.Context, wish: dict[str, Any]) -> bool:
    """Withdraw, then deposit. Not from inside an account: two that wait for each other would wait for ever."""
    if not await context.object_call(change, key=wish["giver"], arg=-wish["amount"]):
        return False
    return await context.object_call(change, key=wish["taker"], arg=wish["amount"])


def serve(port: int) -> None:
    """Run the handlers."""
    config = hypercorn.config.Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.h2_max_concurrent_streams = 1_000
    config.keep_alive_max_requests = 2**31 - 1
    config.errorlog = None
    asyncio.run(hypercorn.asyncio.serve(restate.app([account, transfers]), config, mode="asgi"))


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(connection: http.client.HTTPConnection, path: str, body: object) -> Any:
    """Post JSON, or nothing for None; return the JSON of the answer."""
    if body is None:
        connection.request("POST", path)
    else:
        connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 300:
        raise RuntimeError(f"{path}: {answer.status} {text[:200]!r}")
    return json.loads(text or b"null")


def wait_for(port: int, path: str) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + _START_S
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            if connection.getresponse().status < 500:
                return
        if time.monotonic() > end:
            raise TimeoutError(f"nothing answers at {path}")
        time.sleep(0.1)


@contextlib.contextmanager
def running(given: Given, server: str) -> Iterator[int]:
    """Run server and handlers; yield the port that takes requests."""
    ingress, admin, node, handlers = (free_port() for _ in range(4))
    settings = {
        "RESTATE_INGRESS__BIND_ADDRESS": f"127.0.0.1:{ingress}",
        "RESTATE_ADMIN__BIND_ADDRESS": f"127.0.0.1:{admin}",
        "RESTATE_BIND_ADDRESS": f"127.0.0.1:{node}",
        "RESTATE_BASE_DIR": str(given.folder / "restate"),
        "RESTATE_LOG_FILTER": "error",
        "RESTATE_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "1",
    }
    with contextlib.ExitStack() as stack:
        log = stack.enter_context((given.folder / "restate.log").open("wb"))
        for command in ([server, "--no-logo"], [sys.executable, __file__, "serve", str(handlers)]):
            process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=log, stderr=log, start_new_session=True)
            stack.callback(process.wait, 30)
            # The server of the npm package is a child of what is started; handlers would wait for its connections to end.
            stack.callback(os.killpg, process.pid, signal.SIGKILL)
        wait_for(admin, "/health")
        wait_for(ingress, "/restate/health")
        wait_for(handlers, "/health")
        ask(http.client.HTTPConnection("127.0.0.1", admin, timeout=60), "/deployments", {"uri": f"http://127.0.0.1:{handlers}"})
        yield ingress


def main() -> None:
    """Measure and verify."""
    given = arguments()
    server = given.rest[-1]
    shown = subprocess.run([server, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    with running(given, server) as port:

        def connect() -> Callable[[str, str, int], object]:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.connect()
            # Header and body are two packets, of which the second would wait 40 ms for the first to be acknowledged.
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return lambda giver, taker, amount: ask(
                connection, "/Transfers/transfer", {"giver": giver, "taker": taker, "amount": amount}
            )

        measured = measure(given, connect)
        reader = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        balances = {owner(number): ask(reader, f"/Account/{owner(number)}/balance", None) for number in range(given.accounts)}
    finish(
        f"Restate {shown}, SDK {version('restate-sdk')}", "its log on one node, written and synced before a reply",
        "two steps that happen once each, without isolation: others see the money between them", given, measured, balances,
    )  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]))
    else:
        main()
