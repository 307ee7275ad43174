"""What a step of a place costs on one core, with all encoding and decoding: requests that stay at one place, and transfers over two.

`python -m benchmarks.steps` prints JSON; with `--profile` it writes where the time goes to `benchmarks/profiles`. Times are those of the
processor, so that other programs on the machine count little.

Requests come in envelopes of several, as clients and places send them under load. Everything that a place does is in the measured time:
envelopes are decoded and encoded, states are read from records as bytes and written back. What clients do is not.
"""

from __future__ import annotations

import cProfile
import io
import json
import os
import platform
import pstats
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import stateflow
from stateflow.core.machine import Machine
from stateflow.core.placement import PartitionPlacement
from stateflow.core.records import put_changes
from stateflow.protocol.client_values import ClientValues
from stateflow.protocol.messages import Operation, Request
from stateflow.protocol.steps import Answer, Envelope, decode_envelope, encode_envelope
from stateflow.references import ReferenceTable

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Places", "Purse", "adds", "filled", "pays", "step_costs", "write_profiles"]

REQUESTS = 6_000
PURSES = 1_000
COINS = 1_000_000
BATCHES = (1, 50)
TURNS = 2
_CLIENT = "client"
_PROFILES = Path(__file__).parent / "profiles"
_LINES = 40


@stateflow.entity
class Purse:
    """Holds coins."""

    def __init__(self, owner: str, coins: int) -> None:
        self.owner, self.coins = owner, coins

    def __key__(self) -> str:
        return self.owner

    def add(self, coins: int) -> int:
        """Put coins in."""
        self.coins += coins
        return self.coins

    def count(self) -> int:
        """Return the number of coins."""
        return self.coins

    def pay(self, other: Purse, coins: int) -> bool:
        """Give coins to another purse."""
        if self.coins < coins:
            return False
        self.coins -= coins
        other.add(coins)
        return True


class Places:
    """Places in one process; envelopes go from one to the other at once.

    Args:
        count: how many places.
    """

    def __init__(self, count: int) -> None:
        self.flow = stateflow.init(Purse)
        self.placement = PartitionPlacement(count)
        self.records: dict[str, dict[str, bytes]] = {name: {} for name in self.placement.names}
        self.machines = {name: Machine(self.flow, name, self.placement, self.records[name]) for name in self.placement.names}
        self.references = ReferenceTable(self.flow.reference_types, self)
        self.values = ClientValues(self.flow, self.references, _CLIENT)
        self.replies: list[bytes] = []
        self._count = 0
        self._now_ns = time.time_ns()

    def start(self, operation: Operation, key: str, name: str, *args: Any) -> tuple[str, Any]:
        """Return a request, and the place that it is for."""
        self._count += 1
        request_id = f"{_CLIENT}-{self._count}"
        is_creation = operation is Operation.CREATE
        request = Request(
            request_id=request_id, time_ns=self._now_ns, operation=operation, class_name="Purse", key=None if is_creation else key,
            name=name, args=(key, *args) if is_creation else args, kwargs={},
        )  # fmt: skip
        return self.placement.start(Purse, request.key, request_id), self.values.write(request)

    def envelopes(self, starts: list[tuple[str, Any]], size: int) -> Iterator[tuple[str, bytes]]:
        """Put requests into envelopes of `size`, each for one place."""
        waiting: dict[str, list[Any]] = {}
        for place, start in starts:
            batch = waiting.setdefault(place, [])
            batch.append(start)
            if len(batch) == size:
                yield place, encode_envelope(Envelope(_CLIENT, place, 0, 0, tuple(waiting.pop(place))))
        for place, batch in waiting.items():
            yield place, encode_envelope(Envelope(_CLIENT, place, 0, 0, tuple(batch)))

    def deliver(self, place: str, data: bytes) -> None:
        """Give a place an envelope, and what comes of it to the others."""
        pending = [(place, data)]
        for target, sent in pending:  # it grows
            if target == _CLIENT:
                self.replies.append(sent)
                continue
            machine = self.machines[target]
            self._now_ns += 1000
            out = machine.receive(sent, self._now_ns)
            records = self.records[target]
            put_changes(records, machine.take_changes())
            pending += out

    def check_replies(self, count: int) -> None:
        """Refuse to go on where not every request was carried out: one that fails is a fast one."""
        answers = [answer for data in self.replies for answer in decode_envelope(data).messages]
        failed = [answer for answer in answers if not isinstance(answer, Answer) or answer.is_error]
        assert len(answers) == count, f"{len(answers)} answers to {count} requests"
        assert not failed, f"{len(failed)} of {count} requests failed: {failed[0]}"
        self.replies.clear()

    def coins(self) -> int:
        """Return all coins, as read by requests."""
        total = 0
        for number in range(PURSES):
            place, start = self.start(Operation.CALL, f"p{number}", "count")
            ((_, data),) = self.machines[place].receive(encode_envelope(Envelope(_CLIENT, place, 0, 0, (start,))), self._now_ns)
            (answer,) = decode_envelope(data).messages
            assert isinstance(answer, Answer)
            total += self.values.read(answer).value
        return total


def step_costs() -> dict[str, Any]:
    """Return requests a second for each kind of request and each size of envelopes; money is counted first."""
    found: dict[str, Any] = {}
    for size in BATCHES:
        found[f"{size} in an envelope"] = {
            "local writes/s": _rate(1, size, adds),
            "local reads/s": _rate(1, size, _counts),
            "local transfers/s": _rate(1, size, pays),
            "transfers over two places/s": _rate(2, size, pays),
        }
    return found


def adds(places: Places, number: int) -> tuple[str, Any]:
    """Return a request that writes one purse."""
    return places.start(Operation.CALL, f"p{number % PURSES}", "add", 0)


def _counts(places: Places, number: int) -> tuple[str, Any]:
    return places.start(Operation.CALL, f"p{number % PURSES}", "count")


def pays(places: Places, number: int) -> tuple[str, Any]:
    """Return a transfer; with two places, from one to the other."""
    payer, payee = _pairs(places)[number % PURSES]
    return places.start(Operation.CALL, payer, "pay", places.references.get(Purse, payee), 1)


def _pairs(places: Places) -> list[tuple[str, str]]:
    """Return pairs of purses; with two places, of different ones, each purse in two pairs."""
    homes: dict[str, list[str]] = {}
    for number in range(PURSES):
        homes.setdefault(places.placement.home(Purse, f"p{number}"), []).append(f"p{number}")
    first, last = (*homes.values(),)[0], (*homes.values(),)[-1]
    return [(first[n % len(first)], last[(n * 7 + 1) % len(last)]) for n in range(PURSES)]


def _rate(count: int, size: int, ask: Any) -> int:
    best = 0.0
    for _ in range(TURNS):
        places = filled(count)
        envelopes = list(places.envelopes([ask(places, number) for number in range(REQUESTS)], size))
        before = time.process_time()
        for place, data in envelopes:
            places.deliver(place, data)
        best = max(best, REQUESTS / (time.process_time() - before))
        places.check_replies(REQUESTS)
        assert places.coins() == PURSES * COINS
    return round(best)


def filled(count: int) -> Places:
    """Return places with all purses."""
    places = Places(count)
    for place, data in places.envelopes([places.start(Operation.CREATE, f"p{n}", "", COINS) for n in range(PURSES)], 50):
        places.deliver(place, data)
    places.check_replies(PURSES)
    return places


def write_profiles() -> None:
    """Write a profile of local writes, and one of transfers over two places."""
    _PROFILES.mkdir(exist_ok=True)
    for name, count, ask in (("local_writes", 1, adds), ("transfers_over_two_places", 2, pays)):
        places = filled(count)
        envelopes = list(places.envelopes([ask(places, number) for number in range(REQUESTS)], BATCHES[-1]))
        profile = cProfile.Profile(time.process_time)
        profile.enable()
        for place, data in envelopes:
            places.deliver(place, data)
        profile.disable()
        text = io.StringIO()
        pstats.Stats(profile, stream=text).strip_dirs().sort_stats("tottime").print_stats(_LINES)
        lines = [line.rstrip() for line in text.getvalue().splitlines() if line.strip()]
        (_PROFILES / f"{name}.txt").write_text("\n".join(lines) + "\n")


def main() -> None:
    """Print the results, or write the profiles."""
    if "--profile" in sys.argv[1:]:
        write_profiles()
        return
    facts = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count(), "load": os.getloadavg()[0]}
    print(json.dumps({"machine": facts, "step_costs": step_costs()}, indent=2))


if __name__ == "__main__":
    main()
