"""The apps that `benchmarks.http` compares, each a server of its own: `python -m benchmarks.http_apps APP FILE` prints its port."""

from __future__ import annotations

import argparse
import socket
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

import stateflow
from benchmarks.by_hand import SqliteBank
from benchmarks.durable import Account
from stateflow.client.fastapi import LocalFastAPIClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["ACCOUNTS", "BALANCE", "OWNERS"]

ACCOUNTS = 1_000
BALANCE = 1_000_000
OWNERS = [f"owner-{number}" for number in range(ACCOUNTS)]


class Transfer(BaseModel):
    """What the route by hand takes; the same JSON as the endpoint of `Account.transfer`."""

    target: str
    amount: int


def engine(path: Path) -> FastAPI:
    """Return the app of StateFlow."""
    http = LocalFastAPIClient(stateflow.init(Account), path)
    for future in [http.client.create(Account, owner, BALANCE) for owner in OWNERS]:
        future.get(60)
    return http.get_app()


def by_hand(path: Path) -> FastAPI:
    """Return what one writes by hand: routes over one SQLite file. What the pool of threads costs, the second route saves."""
    bank = SqliteBank(path, OWNERS, BALANCE)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        bank.close()

    app = FastAPI(lifespan=lifespan)

    @app.post("/pool/Account/{key}/transfer")
    def in_pool(key: str, body: Transfer) -> bool:
        return bank.transfer(key, body.target, body.amount)

    @app.post("/loop/Account/{key}/transfer")
    async def in_loop(key: str, body: Transfer) -> bool:
        return bank.transfer(key, body.target, body.amount)

    @app.post("/bare/Account/{key}/transfer")
    async def bare(key: str, body: Transfer) -> bool:
        return body.amount > 0

    return app


def main() -> None:
    """Serve one app."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("app", choices=["engine", "by_hand"])
    parser.add_argument("file", type=Path)
    given = parser.parse_args()
    app = {"engine": engine, "by_hand": by_hand}[given.app](given.file)
    # Named as TCP, without which asyncio does not switch Nagle's algorithm off and each reply takes 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    # The server ends in order and then hands on the interrupt that asked for it.
    with suppress(KeyboardInterrupt):
        uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listening])


if __name__ == "__main__":
    main()
