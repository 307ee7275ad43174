"""How each of these programs measures: threads that transfer between random accounts, and a count of what was acknowledged.

Uses the standard library only, as it runs in the environment of the other systems, without StateFlow.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["BALANCE", "Given", "Measured", "arguments", "finish", "measure", "owner"]

BALANCE = 1_000_000
_WARM_UP_SHARE = 0.25


class Given(NamedTuple):
    """What the program was told."""

    folder: Path
    seconds: float
    clients: int
    accounts: int
    rest: list[str]


class Measured(NamedTuple):
    """What was measured, and which transfers were acknowledged, by owners."""

    per_second: float
    p50_ms: float
    p99_ms: float
    given: Counter[str]
    taken: Counter[str]


def arguments() -> Given:
    """Read the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--accounts", type=int, default=1_000)
    found, rest = parser.parse_known_args()
    return Given(found.folder, found.seconds, found.clients, found.accounts, rest)


def owner(number: int) -> str:
    """Return the key of an account."""
    return f"owner-{number}"


def measure(given: Given, connect: Callable[[], Callable[[str, str, int], object]]) -> Measured:
    """Let each client, a thread, transfer again and again.

    Args:
        given: the command line.
        connect: makes what a client transfers with; called once in each thread. A transfer that returns is acknowledged; one that raises
            ends the program.
    """
    begin = time.perf_counter()
    steady, end = begin + given.seconds * _WARM_UP_SHARE, begin + given.seconds * (1 + _WARM_UP_SHARE)
    taken: list[tuple[list[float], list[tuple[str, str]]]] = []
    failures: list[BaseException] = []

    def client(seed: int) -> None:
        draw, times, pairs = random.Random(seed), [], []
        try:
            transfer = connect()
            while (sent := time.perf_counter()) < end:
                source, target = (owner(number) for number in draw.sample(range(given.accounts), 2))
                transfer(source, target, 1)
                pairs.append((source, target))
                if steady <= sent:
                    times.append(time.perf_counter() - sent)
        except BaseException as error:
            failures.append(error)
        taken.append((times, pairs))

    threads = [threading.Thread(target=client, args=(seed,)) for seed in range(given.clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    times = sorted(time for some, _ in taken for time in some)
    if not times:
        raise SystemExit("no transfer began and ended after the warm-up; measure for longer")
    pairs = [pair for _, some in taken for pair in some]
    took = time.perf_counter() - steady
    return Measured(
        len(times) / took, times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000,
        Counter(source for source, _ in pairs), Counter(target for _, target in pairs),
    )  # fmt: skip


def finish(name: str, durability: str, note: str, given: Given, measured: Measured, balances: dict[str, int]) -> None:
    """Compare what accounts hold with what was acknowledged, and print the result; without numbers, and exit with 1, when it differs.

    Args:
        name: the system and its version.
        durability: what a reply promises.
        note: what its transfer is not, compared with a transaction.
        given: the command line.
        measured: what was measured.
        balances: what each account holds now, by owner.
    """
    wrong = [
        f"{key} has {balances.get(key)}"
        for key in map(owner, range(given.accounts))
        if balances.get(key) != BALANCE - measured.given[key] + measured.taken[key]
    ]
    result: dict[str, Any] = {"name": name, "durability": durability, "note": note, "clients": given.clients, "verified": not wrong}
    if wrong:
        result["faults"] = wrong[:5]
    else:
        result |= {"per_second": measured.per_second, "p50_ms": measured.p50_ms, "p99_ms": measured.p99_ms}
        result["transfers"] = measured.given.total()
    print(json.dumps(result))
    sys.exit(1 if wrong else 0)
