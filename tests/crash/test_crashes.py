"""A share of what `make crash` does at length, and proof that it would notice."""

from __future__ import annotations

import random
import signal
from pathlib import Path
from typing import Any

import pytest

from stateflow.core.ledger import Ledger
from stateflow.failpoints import POINTS
from stateflow.runtime.local.answers import Answer
from stateflow.runtime.local.engine import LocalEngine
from stateflow.runtime.local.file_lock import FileLock
from tests.crash.kills import kill_and_repeat
from tests.crash.rounds import Bank, Round
from tests.crash.sweep import SweptProgram
from tests.judge.corpus import PROGRAMS, Program, all_programs

SHARE = random.Random(4).sample(all_programs(), 6)
COUNTING = Program(PROGRAMS / "mixed" / "repeated_requests_build_on_state.py")


@pytest.mark.slow
@pytest.mark.parametrize("program", SHARE, ids=lambda program: program.name)
def test_program_killed_anywhere_ends_as_if_it_had_not_been(program: Program) -> None:
    sweep = SweptProgram(program).sweep(random.Random(program.name), limit=12)
    assert sweep.problems == []
    assert sweep.crashes >= 12


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.parametrize("fail_point", ["after-encode:2", "amid-write:2", "after-commit:1"])
def test_process_killed_by_a_signal_ends_as_if_it_had_not_been(fail_point: str) -> None:
    assert kill_and_repeat(COUNTING, fail_point) is None


@pytest.mark.slow
@pytest.mark.process
def test_transfers_of_threads_and_tasks_happen_once_through_kills(tmp_path: Path) -> None:
    draw = random.Random(5)
    bank = Bank(tmp_path / "bank.db", workers=64 + 1000)
    rounds = [Round(64, 1000, 1500, None), Round(64, 1000, 10_000, "before-commit:20"), Round(64, 1000, 10_000, "after-commit:20")]
    assert [bank.run(each, draw) for each in rounds] == [-signal.SIGKILL] * 3
    assert bank.check() == []
    assert bank.repeated > 1000


def test_every_fail_point_is_passed_by_a_program() -> None:
    assert {crash.point for crash in SweptProgram(COUNTING).crashes} == POINTS.keys()


def problems() -> list[str]:
    return SweptProgram(COUNTING).sweep(random.Random(1), limit=40).problems


def test_a_reply_that_leaves_before_its_commit_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = LocalEngine.answer
    monkeypatch.setattr(LocalEngine, "answer", lambda *args: Answer(answer(*args).reply, True))
    assert any("answered before the crash and forgotten" in problem for problem in problems())


def test_a_repeat_that_runs_again_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ledger, "find", lambda *_: None)
    assert any("again" in problem for problem in problems())


def test_a_note_that_is_written_before_its_commit_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    note = FileLock.note
    monkeypatch.setattr(FileLock, "note", lambda self, number: note(self, number + 1))
    assert any("DatabaseDamaged" in problem for problem in problems())


def test_a_log_that_is_not_written_to_the_disk_is_noticed() -> None:
    swept = SweptProgram(COUNTING)

    def without_log(crash: Any) -> Any:
        return crash._replace(image={name: content for name, content in crash.image.items() if not name.endswith("-wal")})

    swept.crashes = [without_log(crash) for crash in swept.crashes if crash.point == "after-reply"]
    assert swept.sweep(random.Random(1), limit=5).problems


def test_bank_notices_another_reply_to_a_repeat(tmp_path: Path) -> None:
    bank = Bank(tmp_path / "bank.db", workers=1)
    for line in ("opened", "0 0 (1, 1, 20)", "0 1 (1, 2, 10)", "0 0 (1, 1, 20)", "0 1 (1, 3, 5)"):
        bank._hear(line)
    assert (bank.repeated, len(bank.problems)) == (2, 1)


@pytest.mark.parametrize(
    ("accounts", "problem"),
    [
        ([{"number": 1, "money": 50_001, "sent": 2}], "there is 50001 of money"),
        ([{"number": 1, "money": 50_000, "sent": 3}], "done but never acknowledged: [(1, 3)]"),
        ([{"number": 1, "money": 50_000, "sent": 1}], "acknowledged but lost: [(1, 2)]"),
    ],
)
def test_bank_notices_wrong_accounts(tmp_path: Path, accounts: list[dict[str, int]], problem: str) -> None:
    bank = Bank(tmp_path / "bank.db", workers=1)
    for line in ("0 0 (1, 1, 20)", "0 1 (1, 2, 10)", "0 2 Overdrawn(1, 10)"):
        bank._hear(line)
    assert problem in " ".join(bank._wrong_accounts(accounts))
