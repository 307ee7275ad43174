"""`stateflow simulate` prints a run; the same seed gives the same bytes in every process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from stateflow.cli.commands import app
from stateflow.core.locks import Queues
from stateflow.histories.workloads import PLANS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def _run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["simulate", *arguments])
    return result.exit_code, result.stdout


def _run_in_process(hash_seed: str, *arguments: str) -> bytes:
    command = [sys.executable, "-c", "from stateflow.cli.main import main; main()", "simulate", *arguments]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    return subprocess.run(command, env=environment, capture_output=True, check=True, timeout=500).stdout


@pytest.mark.process
@pytest.mark.parametrize("workload", PLANS)
def test_same_seed_prints_the_same_bytes_under_any_hash_seed(workload: str) -> None:
    arguments = ("--seed", "11", "--workload", workload, "--requests", "20")
    first = _run_in_process("0", *arguments)
    assert first.count(b"\n") > 100
    assert _run_in_process("4242", *arguments) == first


def test_other_seed_prints_another_run() -> None:
    assert _run("--seed", "1")[1] != _run("--seed", "2")[1]


def test_trace_shows_requests_messages_and_the_verdict() -> None:
    code, text = _run("--seed", "5", "--places", "4", "--workload", "transfers", "--requests", "10")
    assert code == 0
    assert " asks t3: " in text
    assert " move t" in text
    assert text.splitlines()[-1].endswith("steps, 0 violations")


def test_broken_promise_is_printed_and_is_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Queues, "next", lambda queues, label, may_write=True: None)
    code, text = _run("--seed", "5", "--places", "4", "--workload", "transfers", "--requests", "20", "--verdict")
    assert code == 1
    assert "STUCK" in text


def test_workload_that_is_none_is_refused() -> None:
    assert _run("--workload", "chess")[0] == 2
