"""An engine that has no room, asked over a real connection."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import httpx
import pytest
import uvicorn

import stateflow
from stateflow.client.fastapi import LocalFastAPIClient
from stateflow.development.processes import wait_until
from stateflow.failpoints import watch
from stateflow.options import LocalOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.timeout(120)
QUEUE = 3
DEADLINE_S = 30


@stateflow.entity
class Turnstile:
    def __init__(self, name: str) -> None:
        self.name, self.passed = name, 0

    def __key__(self) -> str:
        return self.name

    def enter(self) -> int:
        self.passed += 1
        return self.passed


class Barrier:
    """Holds the engine before its next request until it is opened."""

    def __init__(self) -> None:
        self.entered, self.open = threading.Event(), threading.Event()

    def pass_by(self, point: str) -> None:
        if point == "before-execute":
            self.entered.set()
            assert self.open.wait(DEADLINE_S)


@pytest.fixture
def held() -> Iterator[tuple[LocalFastAPIClient, Barrier, str]]:
    """Serve an engine that is busy with one request, and refuses what comes after the next three."""
    barrier = Barrier()
    served = LocalFastAPIClient(stateflow.init(Turnstile), options=LocalOptions(queue_limit=QUEUE, refuses_when_full=True))
    server = uvicorn.Server(uvicorn.Config(served.get_app(), port=0, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert wait_until(lambda: server.started or not thread.is_alive(), DEADLINE_S)
        served.client.create(Turnstile, "north").get(DEADLINE_S)
        with watch(barrier.pass_by):
            served.client.call(Turnstile.enter, served.client.ref(Turnstile, "north"))
            assert barrier.entered.wait(DEADLINE_S)
            yield served, barrier, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/stateflow/Turnstile/north/enter"
    finally:
        barrier.open.set()
        server.should_exit = True
        thread.join(DEADLINE_S)


def test_request_that_finds_the_queue_full_is_told_when_to_come_again_and_is_taken_then(
    held: tuple[LocalFastAPIClient, Barrier, str],
) -> None:
    served, barrier, url = held
    north = served.client.ref(Turnstile, "north")
    waiting = [served.client.call(Turnstile.enter, north) for _ in range(QUEUE)]
    with httpx.Client(timeout=DEADLINE_S) as http:
        refused = http.post(url, headers={"Idempotency-Key": "once"})
        assert (refused.status_code, refused.json()["title"]) == (429, "QueueFull")
        assert int(refused.headers["retry-after"]) >= 1
        assert refused.headers["content-type"] == "application/problem+json"
        barrier.open.set()
        assert [future.get(DEADLINE_S) for future in waiting] == [2, 3, 4]
        # Nothing of the refused one was kept: with its own id it runs now.
        again = http.post(url, headers={"Idempotency-Key": "once"})
        assert (again.status_code, again.json()) == (200, QUEUE + 2)
