"""Who waited for a reply when the process was killed learns later how the request ended: its reply, or for certain that it did not run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import stateflow
from stateflow.errors import RequestUnknown
from stateflow.runtime.local import LocalRuntime

ROOT = Path(__file__).parents[2]


@stateflow.entity
class Counter:
    def __init__(self, name: str) -> None:
        self.name, self.value = name, 0

    def __key__(self) -> str:
        return self.name

    def add(self, amount: int) -> int:
        self.value += amount
        return self.value


FLOW = stateflow.init(Counter)
CHILD = """
import sys
from stateflow.protocol.messages import Operation
from stateflow.runtime.local import LocalRuntime
from tests.durability.test_results_after_kills import FLOW, Counter
with LocalRuntime(FLOW, path=sys.argv[1]) as runtime, runtime.client(bind=False) as client:
    client.create(Counter, "visits").get(30)
    for number in range(100):
        # Told before it is sent: the process may die before it could tell afterwards.
        print(f"add-{number}", flush=True)
        added = client.request(Operation.CALL, Counter, "visits", "add", (1,), {}, request_id=f"add-{number}")
        print(added.get(30), flush=True)
"""


# The fifth commit is that of the fourth call: the creation was the first.
@pytest.mark.process
@pytest.mark.parametrize(("fail_point", "is_kept"), [("before-commit:5", False), ("after-commit:5", True), ("before-reply:5", True)])
def test_reply_that_never_came_is_there_exactly_when_its_request_was_committed(fail_point: str, is_kept: bool, tmp_path: Path) -> None:
    path = tmp_path / "counters.db"
    environment = {**os.environ, "STATEFLOW_TESTING": "1", "STATEFLOW_FAIL_POINT": f"{fail_point}:kill"}
    killed = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert killed.returncode == -9, killed.stderr
    told = killed.stdout.split()
    *answered, last = [told[at : at + 2] for at in range(0, len(told), 2)]
    assert len(answered) == 3
    assert len(last) == 1, "the last request was sent and not answered"
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        assert [client.result(request_id).get(10) for request_id, _ in answered] == [int(reply) for _, reply in answered]
        unanswered = client.result(last[0])
        if is_kept:
            assert unanswered.get(10) == 4
        else:
            error = unanswered.exception(10)
            assert isinstance(error, RequestUnknown)
            assert error.forgotten_ns is None, "it did not run, for certain"
        assert client.get(client.ref(Counter, "visits"), "value").get(10) == 3 + is_kept
