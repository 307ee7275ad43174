"""The process that is killed: the engine with all its clients. `python -m tests.crash.child FILE THREADS TASKS`.

It reads from its input, one line each, `next WORKER TURN` (where a worker goes on) and `again WORKER TURN` (a transfer to repeat),
until an empty line, and writes to its output `WORKER TURN REPLY` as soon as a reply is here. With no worker at all it ends after the
repeats and writes the accounts.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import sys
import threading
from pathlib import Path

import stateflow
from stateflow.client import StateflowClient, StateflowFuture
from stateflow.runtime.local import LocalRuntime
from tests.crash.bank import ACCOUNTS, Account, Overdrawn, Transfer, opening

_TIMEOUT_S = 60


def main() -> None:
    threading.excepthook = end_process
    path, threads, tasks = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    first, again = read_orders()
    say("opening")
    with LocalRuntime(stateflow.init(Account), path=path) as runtime, runtime.client(bind=False) as client:
        for account in opening(client):
            account.get(_TIMEOUT_S)
        say("opened")
        repeat(client, again)
        if threads + tasks == 0:
            say("accounts " + json.dumps([client.state(client.ref(Account, n)).get(_TIMEOUT_S) for n in range(ACCOUNTS)]))
            return
        for worker in range(threads):
            threading.Thread(target=work, args=(client, worker, first.get(worker, 0)), daemon=True).start()
        asyncio.run(work_as_tasks(client, [(worker, first.get(worker, 0)) for worker in range(threads, threads + tasks)]))


def read_orders() -> tuple[dict[int, int], list[Transfer]]:
    first: dict[int, int] = {}
    again: list[Transfer] = []
    for line in iter(sys.stdin.readline, "\n"):
        what, worker, turn = line.split()
        if what == "next":
            first[int(worker)] = int(turn)
        else:
            again.append(Transfer(int(worker), int(turn)))
    return first, again


def repeat(client: StateflowClient, again: list[Transfer]) -> None:
    for transfer, future in [(transfer, transfer.send(client)) for transfer in again]:
        report(transfer, future)


def work(client: StateflowClient, worker: int, first: int) -> None:
    for turn in itertools.count(first):
        transfer = Transfer(worker, turn)
        report(transfer, transfer.send(client))


async def work_as_tasks(client: StateflowClient, workers: list[tuple[int, int]]) -> None:
    async def work(worker: int, first: int) -> None:
        for turn in itertools.count(first):
            transfer = Transfer(worker, turn)
            future = transfer.send(client)
            with contextlib.suppress(Overdrawn):
                await future
            report(transfer, future)

    # Where only threads work there is no task, and this process still lives until it is killed.
    await asyncio.gather(*(work(*worker) for worker in workers), asyncio.Event().wait())


def report(transfer: Transfer, future: StateflowFuture[tuple[int, int, int]]) -> None:
    try:
        reply = repr(future.get(_TIMEOUT_S))
    except Overdrawn as error:
        reply = repr(error)
    say(f"{transfer.worker} {transfer.turn} {reply}")


def end_process(failure: threading.ExceptHookArgs) -> None:
    # A worker that fails must not go unnoticed while the others go on.
    sys.__excepthook__(failure.exc_type, failure.exc_value or failure.exc_type(), failure.exc_traceback)
    os._exit(3)


def say(line: str) -> None:
    # One write, without a buffer of this process: what was said stays said when the process is killed.
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    main()
