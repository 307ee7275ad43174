"""How long transactions take where many want the same entities: places as servers in virtual time, with hops between them.

Everything but time is real: the places, the messages as bytes, the conflicts. Time is a model: a message takes a hop from its sender to its
receiver; a worker thread reads the records of its partitions one after another, and a record takes it `record_us`, each message in it
`message_us`, and what the core itself took on this machine, measured while the model runs.
"""

from __future__ import annotations

import heapq
import itertools
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from stateflow.core.machine import Machine
from stateflow.core.placement import PartitionPlacement
from stateflow.core.records import put_changes
from stateflow.histories.plan import Ask
from stateflow.protocol.steps import Answer, decode_envelope
from stateflow.runtime.simulation.callers import Caller
from stateflow.runtime.simulation.log import Clock, Log

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stateflow.dataflow import Dataflow

__all__ = ["Contention", "Costs", "Measured"]

_CLIENT = "client"
_US = 1_000


class Costs(NamedTuple):
    """What things take.

    The times of an engine are those of PyFlink 2.3 in thread mode with a Kafka 4.1 broker on two cores, measured: 223 us of CPU for each
    message at one message a record, 42 at ten, 21 at fifty. That is 205 for a record and 17 for a message.

    Attributes:
        hop_us: from the end of a step to the message's being there to read.
        record_us: an engine's cost of reading one record and writing what comes of it.
        message_us: an engine's cost of each message in it: its part of the codec and of state access.
        threads: worker threads; each has its share of the partitions.
    """

    hop_us: float = 3_000
    record_us: float = 205
    message_us: float = 17
    threads: int = 4


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a run.

    Attributes:
        transactions: how many were answered.
        p50_ms: half of them took at most this long.
        p99_ms: all but one in a hundred.
        last_p99_ms: the same of the last quarter alone: it is larger than of all when queues grow.
        longest_ms: the longest.
        busy: the share of time in which the busiest thread worked.
        messages: messages a transaction.
        attempts: attempts a transaction.
        core_us: what the core took for a record, measured.
        aborted: transactions that ended with an exception.
    """

    transactions: int
    p50_ms: float
    p99_ms: float
    last_p99_ms: float
    longest_ms: float
    busy: float
    messages: float
    attempts: float
    core_us: float
    aborted: int


class Contention:
    """Places in virtual time.

    Args:
        flow: the compiled classes.
        partitions: how many places there are.
        costs: what things take.
    """

    def __init__(self, flow: Dataflow, partitions: int, costs: Costs) -> None:
        self._costs = costs
        self._placement = PartitionPlacement(partitions)
        self._clock = Clock()
        self._caller = Caller(_CLIENT, flow, self._placement, Log(self._clock, partitions))
        self._records: dict[str, dict[str, bytes]] = {name: {} for name in self._placement.names}
        self._machines = {name: Machine(flow, name, self._placement, self._records[name]) for name in self._placement.names}
        self._threads = [number * costs.threads // partitions for number in range(partitions)]
        self._free_us = [0.0] * costs.threads
        self._busy_us = [0.0] * costs.threads
        self._arrivals: list[tuple[float, int, str, bytes]] = []
        self._numbers = itertools.count()
        self._core_us = [0.0, 0.0]
        self._messages = 0
        self._restarts = 0

    def prepare(self, asks: Iterable[Ask]) -> None:
        """Run requests before the clock counts."""
        for ask in asks:
            self._post(self._caller.ask(ask, 0).place, self._caller.sent[ask.name].data, 0.0)
        self._run({})
        self._free_us = [0.0] * self._costs.threads
        self._busy_us = [0.0] * self._costs.threads
        self._messages = self._restarts = 0

    def run(self, asks: list[Ask], per_second: float, draw: random.Random) -> Measured:
        """Send requests at random times, so many in a second on average, and measure.

        Args:
            asks: the requests.
            per_second: how many a second; the times between them are exponential.
            draw: decides the times.
        """
        begun: dict[str, float] = {}
        now_us = 0.0
        for ask in asks:
            now_us += draw.expovariate(per_second) * 1e6
            begun[ask.name] = now_us
            pending = self._caller.ask(ask, 0)
            self._post(pending.place, pending.data, now_us + self._costs.hop_us)
        took, aborted = self._run(begun)
        return self._measured(took, aborted, now_us)

    def _post(self, target: str, data: bytes, at_us: float) -> None:
        heapq.heappush(self._arrivals, (at_us, next(self._numbers), target, data))

    def _run(self, begun: dict[str, float]) -> tuple[list[float], int]:
        took, aborted = [], 0
        while self._arrivals:
            at_us, _, target, data = heapq.heappop(self._arrivals)
            if target != _CLIENT:
                self._step(target, data, at_us)
                continue
            for message in decode_envelope(data).messages:
                assert isinstance(message, Answer)
                aborted += message.is_error
                if message.request_id in begun:
                    took.append((at_us - begun[message.request_id]) / 1_000)
        return took, aborted

    def _step(self, target: str, data: bytes, at_us: float) -> None:
        """Let a thread read a record, when it is free, and send what comes of it when it is done."""
        thread = self._threads[int(target)]
        sent = self._receive(target, data, at_us)
        count = len(decode_envelope(data).messages)
        took_us = self._costs.record_us + count * self._costs.message_us + self._core_us[0] / self._core_us[1]
        self._free_us[thread] = max(at_us, self._free_us[thread]) + took_us
        self._busy_us[thread] += took_us
        for name, out in sent:
            envelope = decode_envelope(out)
            self._messages += len(envelope.messages)
            self._restarts += sum(getattr(getattr(message, "header", None), "attempt", 1) > 1 for message in envelope.messages)
            self._post(name, out, self._free_us[thread] + self._costs.hop_us)

    def _receive(self, target: str, data: bytes, at_us: float) -> list[tuple[str, bytes]]:
        machine = self._machines[target]
        begin = time.thread_time_ns()
        sent = machine.receive(data, self._clock.now_ns + int(at_us * _US))
        changes = machine.take_changes()
        self._core_us[0] += (time.thread_time_ns() - begin) / _US
        self._core_us[1] += 1
        self._apply(target, changes)
        return sent

    def _apply(self, target: str, changes: dict[str, bytes | None]) -> None:
        records = self._records[target]
        put_changes(records, changes)

    def _measured(self, took: list[float], aborted: int, until_us: float) -> Measured:
        last = sorted(took[len(took) * 3 // 4 :])
        whole = sorted(took)
        count = len(took)
        return Measured(
            transactions=count,
            p50_ms=_share(whole, 0.5),
            p99_ms=_share(whole, 0.99),
            last_p99_ms=_share(last, 0.99),
            longest_ms=whole[-1],
            busy=max(self._busy_us) / until_us,
            messages=self._messages / count,
            attempts=1 + self._restarts / count,
            core_us=self._core_us[0] / self._core_us[1],
            aborted=aborted,
        )


def _share(ordered: list[float], part: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * part))], 1)

