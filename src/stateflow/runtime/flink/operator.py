"""The operator that runs in Flink's workers: the machines of the partitions that Flink gives to it.

Flink sends this object to the workers, so it holds names and numbers only; a worker makes everything else from them in `open`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from pyflink.common import Row, Types
from pyflink.datastream import KeyedProcessFunction, OutputTag, RuntimeContext
from pyflink.datastream.functions import KeySelector
from pyflink.datastream.state import MapStateDescriptor

from stateflow.client.kafka.topics import record_key, reply_partition
from stateflow.core.counts import COUNTED
from stateflow.core.dead_letters import LETTER_PREFIX, DeadLetter, encode_letter
from stateflow.core.machine import Machine
from stateflow.core.placement import PartitionPlacement
from stateflow.errors import MalformedBytes, PlaceStopped
from stateflow.limits import DEAD_LETTER_BYTES, RECORD_ENVELOPE_BYTES
from stateflow.protocol.bundles import bundled
from stateflow.protocol.steps import read_outside
from stateflow.runtime.flink.gathering import Gathered, Lag
from stateflow.runtime.flink.loading import SUBMITTER, check_worker, load_classes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.dataflow import Dataflow
    from stateflow.protocol.bundles import Sending
    from stateflow.runtime.flink.loading import SubmittedClass

__all__ = ["DEAD_LETTERS", "REPLIES", "ROWS", "UNSENT", "PlaceOperator", "PlaceSelector", "Records"]

ROWS: Final = Types.ROW([Types.PRIMITIVE_ARRAY(Types.BYTE()), Types.PRIMITIVE_ARRAY(Types.BYTE())])
REPLIES: Final = OutputTag("replies", ROWS)
DEAD_LETTERS: Final = OutputTag("dead-letters", ROWS)
UNSENT: Final = "unsent"
"""Under which key the state of a place has what waits for further steps."""

_NANOSECONDS: Final = 1_000_000


class PlaceSelector(KeySelector):
    """Says which place a record is for. What names none goes to the first, which keeps it among its dead letters.

    Args:
        keys: the key in Flink of each place.
    """

    def __init__(self, keys: tuple[int, ...]) -> None:
        self._keys = {str(number): key for number, key in enumerate(keys)}
        self._first = keys[0]

    def get_key(self, value: bytes) -> int:
        """Return the key of the place that a record is for."""
        try:
            return self._keys.get(self.partition(read_outside(value).target), self._first)
        except MalformedBytes:
            return self._first

    def partition(self, target: str) -> str:
        """Return the partition of a place; anything else is no place."""
        return target


class PlaceOperator(KeyedProcessFunction):
    """Gives each record to the machine of its place, puts what that changed, and passes on what it sends.

    Args:
        classes: where workers find each entity class, and what it was when it was submitted.
        keys: the key in Flink of each place.
        reply_partitions: how many partitions the topic of replies has.
        cache_bytes: what the entities of one place may take in memory.
    """

    def __init__(self, classes: tuple[SubmittedClass, ...], keys: tuple[int, ...], reply_partitions: int, cache_bytes: int) -> None:
        self._classes = classes
        self._submitter = SUBMITTER
        self._names = {key: str(number) for number, key in enumerate(keys)}
        self._partitions = len(keys)
        self._reply_partitions = reply_partitions
        self._cache_bytes = cache_bytes

    def open(self, runtime_context: RuntimeContext) -> None:
        """Compile the classes, and take hold of the state."""
        check_worker(self._submitter)
        self._flow = self.load(self._classes)
        self._placement = PartitionPlacement(self._partitions)
        self._log_keys = {name: record_key(number, self._partitions) for number, name in enumerate(self._placement.names)}
        self._reply_keys = [record_key(number, self._reply_partitions) for number in range(self._reply_partitions)]
        self._machines: dict[str, Machine] = {}
        self._gathered: dict[int, Gathered] = {}
        self.lag = Lag()
        metrics = runtime_context.get_metrics_group().add_group("stateflow")
        self._counters = {name: metrics.counter(name) for name in COUNTED}
        self.state = runtime_context.get_map_state(MapStateDescriptor("records", Types.STRING(), Types.PICKLED_BYTE_ARRAY()))

    def load(self, classes: tuple[SubmittedClass, ...]) -> Dataflow:
        """Return the dataflow of classes that the job names."""
        return load_classes(classes)

    def process_element(self, value: bytes, ctx: KeyedProcessFunction.Context) -> Iterator[Any]:
        """Handle one record of the log."""
        data, key, written_ms = bytes(value), ctx.get_current_key(), ctx.timestamp()
        time_ns = written_ms * _NANOSECONDS
        machine, gathered = self.machine(self._names[key], data), self.gathered(key)
        try:
            sent = machine.receive(data, time_ns)
        except PlaceStopped as stopped:
            # Failing would only begin the same replay again.
            yield DEAD_LETTERS, Row(b"stopped", encode_letter(DeadLetter(0, time_ns, "", str(stopped), data[:DEAD_LETTER_BYTES])))
            return
        for name, count in machine.place.counts.take().items():
            self._counters[name].inc(count)
        changes, now_ms = machine.take_changes(), time.time() * 1000
        wait_ms = self.lag.wait_ms(written_ms, now_ms)
        had_gathered = bool(gathered)
        gathered.add(sent)
        if wait_ms > 0 and gathered and not gathered.is_full:
            self.put(changes, {UNSENT: gathered.encode()} if sent else {})
            if not had_gathered:
                ctx.timer_service().register_processing_time_timer(int(now_ms) + wait_ms)
        else:
            self.put(changes, {UNSENT: None} if had_gathered else {})
            yield from self.rows(gathered.take())
        for name, letter in changes.items():
            if letter is not None and name.startswith(LETTER_PREFIX):
                yield DEAD_LETTERS, Row(b"letter", letter)

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[Any]:
        """Send what has waited long enough."""
        gathered = self.gathered(ctx.get_current_key())
        if gathered:
            self.put({}, {UNSENT: None})
            yield from self.rows(gathered.take())

    def gathered(self, key: int) -> Gathered:
        """Return what waits at the place with a key of Flink."""
        found = self._gathered.get(key)
        if found is None:
            found = self._gathered[key] = Gathered(Records(self.state).get(UNSENT))
        return found

    def rows(self, sent: list[Sending]) -> Iterator[Any]:
        """Return the records of what a place sends."""
        for target, record in bundled(sent):
            key = self._log_keys.get(self.partition(target))
            if key is not None:
                yield Row(key, record)
            elif (partition := reply_partition(target)) is not None and partition < self._reply_partitions:
                yield REPLIES, Row(self._reply_keys[partition], record)

    def machine(self, partition: str, data: bytes) -> Machine:
        """Return the machine of a partition, for a record of it."""
        return self._machines.get(partition) or self.open_machine(self._flow, partition, self._placement, Records(self.state))

    def open_machine(self, flow: Dataflow, name: str, placement: PartitionPlacement, records: Records) -> Machine:
        """Return a new machine over what Flink has kept, and keep it for later records."""
        machine = self._machines[name] = Machine(
            flow, name, placement, records, cache_bytes=self._cache_bytes, envelope_bytes=RECORD_ENVELOPE_BYTES
        )
        return machine

    def partition(self, target: str) -> str:
        """Return the partition of a place; anything else is no place."""
        return target

    def put(self, changes: dict[str, bytes | None], unsent: dict[str, bytes | None]) -> None:
        """Put what a step changed into Flink's state.

        Args:
            changes: to the records of its machine.
            unsent: to what waits, which all machines of a partition share.
        """
        if unsent:
            changes = {**changes, **unsent}
        if kept := {key: data for key, data in changes.items() if data is not None}:
            self.state.put_all(kept)
        for key, data in changes.items():
            if data is None:
                self.state.remove(key)


class Records:
    """Flink's state of the place whose record is being handled, as the machine reads it."""

    def __init__(self, state: Any) -> None:
        self._state = state

    def get(self, key: str) -> bytes | None:
        """Return what is under a key."""
        data = self._state.get(key)
        return None if data is None else bytes(data)
