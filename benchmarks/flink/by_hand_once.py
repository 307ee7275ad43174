"""The job by hand that batches, and lets each request change state once: it keeps the reply of each request for repeats, as StateFlow does.

It is made for this one counter. Replies are in memory, where a repeat is found without a look into Flink's state, and in the state as one
entry for each record, so that a place keeps and forgets many with one call. What is forgotten would be counted again.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec
from pyflink.common import Row, Types
from pyflink.datastream import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.state import MapStateDescriptor

from benchmarks.flink.by_hand import PartitionSelector
from benchmarks.flink.submitting import submit
from stateflow.client.kafka.topics import record_key
from stateflow.limits import LEDGER_REQUESTS
from stateflow.runtime.flink.keys import place_keys
from stateflow.runtime.flink.operator import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyflink.datastream import DataStream

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[int, list[tuple[str, str]]]).decode
_decode_replies = msgspec.msgpack.Decoder(list[tuple[str, int]]).decode


class Replies:
    """The replies of one partition that are kept.

    Args:
        kept: what the state has of them: those of each record that changed something, by its number.
    """

    def __init__(self, kept: dict[int, bytes]) -> None:
        batches = [(number, _decode_replies(kept[number])) for number in sorted(kept)]
        self.counts = {request_id: count for _, batch in batches for request_id, count in batch}
        self._records = deque((number, [request_id for request_id, _ in batch]) for number, batch in batches)
        self._next = max(kept, default=0) + 1

    def add(self, request_ids: list[str]) -> int:
        """Keep the replies of one record; return its number."""
        number = self._next
        self._records.append((number, request_ids))
        self._next += 1
        return number

    def forget(self) -> list[int]:
        """Forget the oldest that are too many; return the numbers of their records."""
        forgotten = []
        while len(self.counts) > LEDGER_REQUESTS:
            number, request_ids = self._records.popleft()
            for request_id in request_ids:
                del self.counts[request_id]
            forgotten.append(number)
        return forgotten


class Counting(KeyedProcessFunction):
    """Counts calls for each key, each once."""

    def open(self, runtime_context: RuntimeContext) -> None:
        """Take hold of the state."""
        self._counts = runtime_context.get_map_state(MapStateDescriptor("counts", Types.STRING(), Types.PICKLED_BYTE_ARRAY()))
        self._kept = runtime_context.get_map_state(MapStateDescriptor("replies", Types.LONG(), Types.PICKLED_BYTE_ARRAY()))
        self._replies: dict[int, Replies] = {}
        self._reply_key = record_key(0, 1)

    def process_element(self, value: bytes, ctx: KeyedProcessFunction.Context) -> Iterator[Any]:
        """Count the requests of one record that are new, and answer all."""
        partition, requests = _decode(bytes(value))
        replies = self._replies.get(partition)
        if replies is None:
            replies = self._replies[partition] = Replies(dict(self._kept.items()))
        known = replies.counts
        changed: dict[str, int] = {}
        fresh, answers = [], []
        for request_id, key in requests:
            count = known.get(request_id)
            if count is None:
                count = known[request_id] = self._count(changed, key) + 1
                changed[key] = count
                fresh.append((request_id, count))
            answers.append((request_id, count))
        if fresh:
            self._counts.put_all({key: count.to_bytes(8, "little") for key, count in changed.items()})
            self._kept.put(replies.add([request_id for request_id, _ in fresh]), _encode(fresh))
            for number in replies.forget():
                self._kept.remove(number)
        yield Row(self._reply_key, _encode(answers))

    def _count(self, changed: dict[str, int], key: str) -> int:
        """Return how often a key was counted."""
        if key in changed:
            return changed[key]
        found = self._counts.get(key)
        return 0 if found is None else int.from_bytes(found, "little")


def main() -> None:
    """Submit the job."""
    # Workers import the functions from there, and not from the program that is run.
    from benchmarks.flink import by_hand_once

    def counted(log: DataStream, partitions: int) -> DataStream:
        return log.key_by(PartitionSelector(place_keys(partitions)), Types.INT()).process(by_hand_once.Counting(), ROWS)

    submit(by_hand_once, counted)


if __name__ == "__main__":
    main()
