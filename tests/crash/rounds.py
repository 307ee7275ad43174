"""Rounds of transfers, each ended by SIGKILL, and what must hold after them."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from stateflow.failpoints import POINTS
from tests.crash.bank import ACCOUNTS, MONEY, Transfer

__all__ = ["Bank", "Round"]

_ROOT = Path(__file__).parents[2]
_REPEATS = 3_000
# The others are passed once for each group of requests.
_ONCE_A_REQUEST = {"before-execute", "after-execute", "before-reply", "after-reply"}


@dataclass(frozen=True)
class Round:
    """How one round is killed: by the parent after `replies` replies, or by itself at a fail point, as `STATEFLOW_FAIL_POINT` says."""

    threads: int
    tasks: int
    replies: int
    fail_point: str | None

    @staticmethod
    def draw(draw: random.Random, threads: int, tasks: int, most_replies: int) -> Round:
        """Return a random one. Every other is killed from outside, some of these while the file is being opened."""
        if draw.random() < 0.5:
            return Round(threads, tasks, draw.choice((0, draw.randrange(most_replies), draw.randrange(most_replies))), None)
        point = draw.choice(list(POINTS))
        times = most_replies if point in _ONCE_A_REQUEST else most_replies // 50
        return Round(threads, tasks, most_replies * 3, f"{point}:{draw.randrange(1, times)}")


@dataclass
class Bank:
    """One file, all that was ever acknowledged about it, and what was found wrong.

    Attributes:
        path: the database file.
        workers: how many threads and tasks there are in all.
        replies: the reply of each acknowledged transfer.
        problems: repeats that got another reply than the first time.
        repeated: how many acknowledged transfers were sent again.
    """

    path: Path
    workers: int
    replies: dict[Transfer, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    repeated: int = 0
    _latest: list[Transfer] = field(default_factory=list)

    def run(self, round: Round, draw: random.Random) -> int:
        """Start the process, let it repeat what the round before did, kill it, and return its exit code."""
        latest, self._latest = self._latest, []
        again = draw.sample(latest, min(len(latest), _REPEATS))
        variables = {} if round.fail_point is None else {"STATEFLOW_TESTING": "1", "STATEFLOW_FAIL_POINT": round.fail_point}
        with self._start(round.threads, round.tasks, again, variables) as child:
            for line in self._lines(child):
                self._hear(line)
                if len(self._latest) >= round.replies:
                    child.kill()
            return child.wait(timeout=60)

    def check(self) -> list[str]:
        """Open the file once more, repeat what was done last, and return everything that is wrong."""
        # What was under way when the last process died may be done or not; now it is.
        pending = [Transfer(worker, turn) for worker, turn in self._following().items()]
        with self._start(0, 0, [*self._latest, *pending], {}) as child:
            accounts = None
            for line in self._lines(child):
                if line.startswith("accounts "):
                    accounts = json.loads(line.removeprefix("accounts "))
                else:
                    self._hear(line)
            code = child.wait(timeout=60)
        if code or accounts is None:
            return [f"the file could not be opened after the last round: exit code {code}"]
        return [*self.problems, *self._wrong_accounts(accounts)]

    def _start(self, threads: int, tasks: int, again: list[Transfer], variables: dict[str, str]) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.child", str(self.path), str(threads), str(tasks)],
            cwd=_ROOT, env={**os.environ, **variables}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        following = [f"next {worker} {turn}" for worker, turn in self._following().items()]
        orders = [*following, *(f"again {transfer.worker} {transfer.turn}" for transfer in again)]
        with _input(child) as stdin:
            stdin.write(("\n".join([*orders, "", ""])).encode())
        return child

    def _following(self) -> dict[int, int]:
        """Return where each worker goes on. A worker that was never answered may have been at work all the same, at its turn 0."""
        following = dict.fromkeys(range(self.workers), 0)
        for worker, turn in self.replies:
            following[worker] = max(following[worker], turn + 1)
        return following

    def _lines(self, child: subprocess.Popen[bytes]) -> Iterator[str]:
        assert child.stdout is not None
        for line in child.stdout:
            # The last line of a killed process may be cut, and then says nothing.
            if line.endswith(b"\n"):
                yield line.decode().rstrip("\n")

    def _hear(self, line: str) -> None:
        worker, _, rest = line.partition(" ")
        turn, _, reply = rest.partition(" ")
        if not reply:
            return
        transfer = Transfer(int(worker), int(turn))
        known = self.replies.setdefault(transfer, reply)
        if known != reply:
            self.problems.append(f"{transfer} was answered {known}, and when it was repeated {reply}")
        self.repeated += known is not reply
        self._latest.append(transfer)

    def _wrong_accounts(self, accounts: list[dict[str, int]]) -> list[str]:
        wrong = []
        if (total := sum(account["money"] for account in accounts)) != ACCOUNTS * MONEY:
            wrong.append(f"there is {total} of money, not {ACCOUNTS * MONEY}")
        if min(account["money"] for account in accounts) < 0:
            wrong.append("an account holds less than nothing")
        numbers = [tuple(json.loads(reply.replace("(", "[").replace(")", "]"))[:2]) for reply in self.replies.values() if reply[0] == "("]
        expected = {(account["number"], n) for account in accounts for n in range(1, account["sent"] + 1)}
        if len(set(numbers)) != len(numbers):
            wrong.append(f"{len(numbers) - len(set(numbers))} transfers share their number with another one")
        if set(numbers) != expected:
            wrong.append(f"transfers acknowledged but lost: {sorted(set(numbers) - expected)[:5]}")
            wrong.append(f"transfers done but never acknowledged: {sorted(expected - set(numbers))[:5]}")
        return wrong


def _input(child: subprocess.Popen[bytes]) -> IO[bytes]:
    assert child.stdin is not None
    return child.stdin
