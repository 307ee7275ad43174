"""Records after YCSB (Cooper et al., "Benchmarking cloud serving systems with YCSB", SoCC 2010), with transfers between them.

A is half reads and half updates, B 95 % reads, T transfers alone, M 45 % reads, 45 % updates and 10 % transfers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import stateflow
from stateflow.bench.keys import choose_from
from stateflow.bench.workload import Ask, Condition, Workload

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    from stateflow.bench.workload import References, States, Tally

__all__ = ["MixedRecords", "ReadAndUpdate", "ReadMostly", "Record", "Records", "Transfers"]

COINS = 1_000_000
_TEXT = "x" * 100
_SHOWN = 5


@stateflow.entity
class Record:
    """A value of 100 characters, and coins."""

    def __init__(self, name: str, value: str, coins: int) -> None:
        self.name: str = name
        self.value: str = value
        self.coins: int = coins
        self.updates: int = 0
        self.given: int = 0
        self.taken: int = 0

    def __key__(self) -> str:
        return self.name

    def read(self) -> str:
        """Return the value."""
        return self.value

    def update(self, value: str) -> int:
        """Put another value in; return how often that was done."""
        self.value = value
        self.updates += 1
        return self.updates

    def receive(self, coins: int) -> None:
        """Take coins in."""
        self.coins += coins
        self.taken += 1

    def transfer(self, other: Record, coins: int) -> bool:
        """Give coins to another record, if there are enough."""
        if self.coins < coins:
            return False
        self.coins -= coins
        self.given += 1
        other.receive(coins)
        return True


class Records(Workload):
    """Records of which `reads` and `updates` are the shares of requests; the others are transfers."""

    classes = (Record,)
    reads: ClassVar[float]
    updates: ClassVar[float]

    @property
    def entity_count(self) -> int:
        """How many records there are."""
        return self.size.entities

    def creations(self, refs: References) -> Iterator[Ask]:
        """Create the records."""
        for number in range(self.size.entities):
            yield Ask("create", Record, None, (name_of(number), _TEXT, COINS))

    def requests(self, refs: References, draw: random.Random) -> Iterator[Ask]:
        """Yield reads, updates and transfers."""
        choose = choose_from(self.size.entities, self.size.keys, draw)
        least_transfer = self.reads + self.updates
        while True:
            part, name = draw.random(), name_of(choose())
            record = refs.ref(Record, name)
            if part < self.reads:
                yield Ask("read", Record.read, record)
            elif part < least_transfer:
                value = f"{draw.getrandbits(64):0100x}"
                yield Ask("update", Record.update, record, (value,), (("updates", name, 1),))
            else:
                yield self._transfer(refs, record, name, choose)

    def _transfer(self, refs: References, record: Record, name: str, choose: Callable[[], int]) -> Ask:
        while (other := name_of(choose())) == name:
            pass
        return Ask("transfer", Record.transfer, record, (refs.ref(Record, other), 1), (("given", name, 1), ("taken", other, 1)))

    def check(self, states: States, tally: Tally) -> list[Condition]:
        """Count each record's updates and transfers, and all coins."""
        faults: dict[str, list[str]] = {"each acknowledged request once": [], "each record has its coins": []}
        total = 0
        for key, state in states(Record, map(name_of, range(self.size.entities))):
            if state is None:
                faults["each record has its coins"].append(f"{key} is gone")
                continue
            total += state["coins"]
            once = [tally.fault(name, key, state[name]) for name in ("updates", "given", "taken")]
            faults["each acknowledged request once"] += [fault for fault in once if fault]
            if state["coins"] != COINS - state["given"] + state["taken"]:
                faults["each record has its coins"].append(f"{key} has {state['coins']} coins")
        count = self.size.entities
        wrong = [] if total == count * COINS else [f"{total} coins instead of {count * COINS}"]
        return [Condition(name, found[:_SHOWN], count) for name, found in faults.items()] + [Condition("coins stay as many", wrong, 1)]


class ReadAndUpdate(Records):
    """YCSB's workload A."""

    title = "YCSB A: half reads, half updates"
    reads, updates = 0.5, 0.5


class ReadMostly(Records):
    """YCSB's workload B."""

    title = "YCSB B: 95 % reads, 5 % updates"
    reads, updates = 0.95, 0.05


class Transfers(Records):
    """Transfers between two records, and nothing else."""

    title = "T: transfers between two records"
    reads, updates = 0.0, 0.0


class MixedRecords(Records):
    """Reads, updates and transfers."""

    title = "M: 45 % reads, 45 % updates, 10 % transfers"
    reads, updates = 0.45, 0.45


def name_of(number: int) -> str:
    """Return a record's key, as long as any other's."""
    return f"record-{number:08}"
