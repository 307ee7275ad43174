"""A request that the database answers makes the worker commit what was executed before it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from stateflow.client.waiting import check_may_send
from stateflow.options import LocalOptions
from stateflow.protocol.messages import Operation, Reply, Request
from stateflow.references import ReferenceTable
from stateflow.runtime.local.answers import Answer
from stateflow.runtime.local.worker import Worker

REFERENCES: Any = None


def request(operation: Operation) -> Request:
    return Request(request_id=operation.value, time_ns=1, operation=operation, class_name="Item", key="tea")


class Engine:
    """Lets calls wait for a commit, and wants one before it lists."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.commits = 0

    def fetch(self, requests: Sequence[Request]) -> None: ...

    def answer(self, request: Request, references: ReferenceTable) -> Answer | None:
        assert self.open.wait(30)
        if request.operation is Operation.LIST:
            return Answer(Reply(request.request_id, self.commits), True) if self.commits else None
        return Answer(Reply(request.request_id, self.commits), False)

    def is_read(self, request: Request) -> bool:
        return request.operation is Operation.LIST

    def must_commit(self) -> bool:
        return False

    def commit(self) -> None:
        self.commits += 1

    def discard(self) -> None: ...


def test_callback_of_a_reply_may_send_when_a_later_request_made_the_worker_commit() -> None:
    engine = Engine()
    worker = Worker(engine, LocalOptions())
    refusals: list[BaseException | None] = []

    def callback(_: object) -> None:
        try:
            check_may_send()
        except Exception as error:
            refusals.append(error)
        else:
            refusals.append(None)

    call = worker.submit(request(Operation.CALL), REFERENCES)
    call.add_done_callback(callback)
    listed = worker.submit(request(Operation.LIST), REFERENCES)
    engine.open.set()
    assert (call.get(30), listed.get(30)) == (0, 1)
    worker.close()
    assert refusals == [None]
