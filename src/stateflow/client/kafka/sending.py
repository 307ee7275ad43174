"""Requests on their way into the log: many in one record when there is much to do, each at once when there is little."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final

from confluent_kafka import KafkaException

from stateflow.client.kafka.pacing import Pace
from stateflow.limits import RECORD_BYTES, RECORD_REQUESTS
from stateflow.protocol.steps import Envelope, Start, encode_envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from confluent_kafka import KafkaError, Producer

__all__ = ["Sender"]

UNANSWERED_RECORDS: Final = 2
"""Records in one partition of which less than half was answered yet. Further requests wait and share the next record: on a log the record
costs, so the slower the engine answers, the more each record holds. A `Pace` says how long they wait at most."""

_POLL_S: Final = 0.005
_ROOM_BYTES: Final = RECORD_BYTES - 4096
_START_BYTES: Final = 200
"""What a request takes in a record beside its arguments, at most mostly: names and ids."""


class _Record:
    """A record that was written: its requests, when, until when it holds back others, and how many answers end that earlier."""

    __slots__ = ("end_s", "lane", "request_ids", "sent_s", "wanted")

    def __init__(self, lane: _Lane, request_ids: list[str], sent_s: float) -> None:
        self.lane = lane
        self.request_ids = request_ids
        self.sent_s = sent_s
        self.end_s = sent_s + lane.pace.hold_s
        # The answers of those that go on elsewhere come by and by; the next record need not wait for the last.
        self.wanted = (len(request_ids) + 1) // 2


class _Lane:
    """One partition: what waits for it, and what was written to it without an answer."""

    __slots__ = ("pace", "partition", "unanswered", "waiting")

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.pace = Pace()
        self.waiting: deque[Start] = deque()
        self.unanswered: list[_Record] = []


class Sender:
    """Writes requests into the log.

    Args:
        producer: an idempotent producer.
        topic: the log.
        source: the name of the client.
        places: the name of the place of each partition.
        on_lost: told the ids of requests that did not get into the log, or of which that is not known, and why; never by the thread
            that sends, so that it may send again.
    """

    def __init__(
        self, producer: Producer, topic: str, source: str, places: Sequence[str], on_lost: Callable[[Sequence[str], str], object]
    ) -> None:
        self._producer = producer
        self._topic = topic
        self._source = source
        self._on_lost = on_lost
        self._lock = threading.Lock()
        self._places = tuple(places)
        self._lanes = [_Lane(partition) for partition in range(len(places))]
        self._records: dict[str, _Record] = {}
        self._refused: deque[tuple[list[str], str]] = deque()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="stateflow-kafka-delivery", daemon=True)
        self._thread.start()

    def put(self, partition: int, start: Start) -> None:
        """Write a request now, or with the next record."""
        lane = self._lanes[partition]
        with self._lock:
            lane.waiting.append(start)
            if len(lane.unanswered) < UNANSWERED_RECORDS:
                self._write(lane)

    def answered(self, request_ids: Iterable[str]) -> None:
        """Note that requests were answered, so that the next records may go."""
        records = self._records
        with self._lock:
            for request_id in request_ids:
                record = records.pop(request_id, None)
                if record is not None:
                    record.wanted -= 1
                    if record.wanted == 0:
                        self._go_on(record)

    def _go_on(self, record: _Record) -> None:
        """Write what a record has held back until enough of it was answered."""
        lane = record.lane
        if record in lane.unanswered:
            lane.pace.answered(time.monotonic() - record.sent_s)
            self._release(record)
            self._write(lane)

    def close(self, timeout_s: float) -> None:
        """Write what waits, and wait until the brokers have it."""
        with self._lock:
            for lane in self._lanes:
                while lane.waiting:
                    lane.unanswered.clear()
                    self._write(lane)
        self._producer.flush(timeout_s)
        self._closing.set()
        self._thread.join(timeout_s)
        self._tell_refused()

    def _write(self, lane: _Lane) -> None:
        while lane.waiting and len(lane.unanswered) < UNANSWERED_RECORDS:
            starts = self._take(lane)
            record = _Record(lane, [start.request_id for start in starts], time.monotonic())
            lane.unanswered.append(record)
            self._records.update(dict.fromkeys(record.request_ids, record))
            self._produce(lane.partition, tuple(starts), record)

    def _take(self, lane: _Lane) -> list[Start]:
        waiting = lane.waiting
        if len(waiting) <= RECORD_REQUESTS and sum([len(start.arguments) for start in waiting]) + len(waiting) * _START_BYTES < _ROOM_BYTES:
            taken = list(waiting)
            waiting.clear()
            return taken
        taken = []
        room = _ROOM_BYTES
        while waiting and len(taken) < RECORD_REQUESTS:
            room -= len(waiting[0].arguments) + _START_BYTES
            if room < 0 and taken:
                break
            taken.append(waiting.popleft())
        return taken

    def _produce(self, partition: int, starts: tuple[Start, ...], record: _Record) -> None:
        value = encode_envelope(Envelope(self._source, self._places[partition], 0, 0, starts))

        def on_delivery(error: KafkaError | None, _: object) -> None:
            if error is not None:
                self._on_lost(record.request_ids, error.str())

        try:
            self._producer.produce(self._topic, value, partition=partition, on_delivery=on_delivery)
        except (BufferError, KafkaException) as error:
            # Who is told may send again, which needs the lock that is held here.
            self._refused.append((record.request_ids, str(error)))

    def _tell_refused(self) -> None:
        # Those that come meanwhile are told the next time: the queue that refuses them needs time to become shorter.
        for _ in range(len(self._refused)):
            self._on_lost(*self._refused.popleft())

    def _serve(self) -> None:
        """Tell about deliveries, and let requests go whose time of waiting has ended."""
        while not self._closing.is_set():
            self._producer.poll(_POLL_S if self._records else 10 * _POLL_S)
            with self._lock:
                self._release_late()
            self._tell_refused()

    def _release_late(self) -> None:
        now = time.monotonic()
        for lane in self._lanes:
            late = [record for record in lane.unanswered if record.end_s < now]
            for record in late:
                self._release(record)
            if late:
                lane.pace.late()
                self._write(lane)

    def _release(self, record: _Record) -> None:
        """Let a record hold back others no longer."""
        record.lane.unanswered.remove(record)
        for request_id in record.request_ids:
            self._records.pop(request_id, None)
