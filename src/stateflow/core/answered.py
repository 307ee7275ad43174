"""The ledger of one place: how requests that began here ended.

It is bounded by count, bytes and age, as the ledger of the embedded engine is, and forgets step by step what is oldest. All times are
those of messages, so a replay forgets the same.

Clients count their requests, so replies that come together have ids that differ in their last digits. Such replies share a record, a
*block*: what costs is a read, a write or a removal, whatever is in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from stateflow.core.ledger import check_known, check_unknown
from stateflow.core.request_digests import former_digests
from stateflow.core.saved import Ended, Kept
from stateflow.limits import BLOCK_REPLY_BYTES, LEDGER_BLOCKS, LEDGER_BYTES, LEDGER_REQUESTS, LEDGER_S
from stateflow.protocol.steps import Answer

if TYPE_CHECKING:
    from stateflow.core.records import Changes
    from stateflow.core.saved import Head
    from stateflow.dataflow import Dataflow
    from stateflow.protocol.messages import Request

__all__ = ["Answered", "block_of"]

Block = dict[str, bytes]
"""What is kept of the requests of one block, by their entries; empty for one whose reply is large and has a record of its own."""

_AGE_NS = int(LEDGER_S * 1e9)
_ENTRY_BYTES = 10
"""What an entry of a block takes beside the name of the block and what is kept of it, at most."""

_ENTRIES = frozenset([*map(str, range(10)), *(f"{number:02}" for number in range(100))])

_encode = msgspec.msgpack.Encoder().encode
_decode_kept = msgspec.msgpack.Decoder(Kept).decode
_decode_block = msgspec.msgpack.Decoder(Block).decode
_decode_ended = msgspec.msgpack.Decoder(Ended).decode


class Answered:
    """Answers: blocks of them under `a/`, large ones under `k/` and the request id; under `o/` and a number, what one step ended.

    Args:
        changes: where they are kept.
        head: what the place knows of itself; bounds and horizon are there.
        flow: the compiled classes.
    """

    requests: ClassVar[int] = LEDGER_REQUESTS
    bytes: ClassVar[int] = LEDGER_BYTES
    age_ns: ClassVar[int] = _AGE_NS

    def __init__(self, changes: Changes, head: Head, flow: Dataflow) -> None:
        self._changes = changes
        self._head = head
        self._flow = flow
        # Blocks in memory, those that changed last at the end. Empty ones are there too: most requests are asked for, and have no answer.
        self._blocks: dict[str, Block] = {}
        self._dirty: dict[str, None] = {}
        # What this step ended.
        self._ended: dict[str, list[str]] = {}
        self._ended_bytes = 0
        self._latest_ns = -1
        # The id that was asked for last, and its block and entry: most requests end before the next one is asked for.
        self._asked = ""
        self._where = ("", "")

    def find(self, request: Request, digest: int) -> Answer | None:
        """Return how this very request ended; None when it never did.

        Raises:
            RequestExpired: it may have ended and been forgotten.
            RequestIdReused: another request had this id.
        """
        kept = self._kept(request.request_id)
        if kept is None:
            check_unknown(request, self._head.horizon_ns)
            return None
        check_known(request, digest, kept.digest, self._head.horizon_ns, lambda r: former_digests(r, self._flow))
        return Answer(request.request_id, kept.value, kept.is_error)

    def get(self, request_id: str) -> Answer | None:
        """Return how a request ended; None when that is not kept."""
        kept = self._kept(request_id)
        return None if kept is None else Answer(request_id, kept.value, kept.is_error)

    def add(self, answer: Answer, time_ns: int, digest: int) -> None:
        """Keep how a request ended."""
        request_id = answer.request_id
        name, entry = self._where if request_id == self._asked else block_of(request_id)
        data = _encode((digest, answer.value, answer.is_error))  # a `Kept`
        self._ended_bytes += len(data)
        if len(data) > BLOCK_REPLY_BYTES:
            self._changes.put("k/" + request_id, data)
            data = b""
        block = self._blocks.get(name)
        if block is None:
            block = self._read(name)
        block[entry] = data
        ended = self._ended.get(name)
        if ended is None:
            self._ended[name] = [entry]
            self._dirty[name] = None
        else:
            ended.append(entry)
        if time_ns > self._latest_ns:
            self._latest_ns = time_ns

    def flush(self) -> None:
        """Note which requests the step ended, forget what is too much or too old, and write the blocks that changed."""
        head = self._head
        if self._ended:
            self._note_ended()
        while head.first < head.next and self._forget_oldest():
            head.first += 1
        if self._dirty:
            self._write()
        self._prune()

    def _note_ended(self) -> None:
        head, size = self._head, self._ended_bytes
        for name, entries in self._ended.items():
            head.answers += len(entries)
            size += (len(name.encode()) + _ENTRY_BYTES) * len(entries)
        head.answer_bytes += size
        self._changes.put(f"o/{head.next}", _encode(Ended(head.now_ns, self._latest_ns, size, self._ended)))
        head.next += 1
        self._ended, self._ended_bytes, self._latest_ns = {}, 0, -1

    def _kept(self, request_id: str) -> Kept | None:
        name, entry = self._where = block_of(request_id)
        self._asked = request_id
        block = self._blocks.get(name)
        if block is None:
            block = self._read(name)
        data = block.get(entry)
        if data is None:
            return None
        if not data:
            data = self._changes.get("k/" + request_id)
            assert data is not None
        return _decode_kept(data)

    def _read(self, name: str) -> Block:
        """Return a block that is not in memory."""
        data = self._changes.get("a/" + name)
        block = self._blocks[name] = {} if data is None else _decode_block(data)
        return block

    def _forget_oldest(self) -> bool:
        """Forget what the oldest step ended, if that must go; tell whether it did."""
        head = self._head
        is_full = head.answers > self.requests or head.answer_bytes > self.bytes
        if not is_full and head.now_ns - head.oldest_ns <= self.age_ns:
            return False
        name = f"o/{head.first}"
        data = self._changes.get(name)
        assert data is not None
        ended = _decode_ended(data)
        head.oldest_ns = ended.time_ns
        if not is_full and head.now_ns - ended.time_ns <= self.age_ns:
            return False
        self._changes.remove(name)
        for block, entries in ended.entries.items():
            self._forget(block, entries)
            head.answers -= len(entries)
        head.answer_bytes -= ended.bytes
        head.horizon_ns = max(head.horizon_ns, ended.latest_ns)
        return True

    def _forget(self, name: str, entries: list[str]) -> None:
        block = self._blocks.get(name)
        if block is None:
            block = self._read(name)
        for entry in entries:
            if not block.pop(entry):
                self._changes.remove(f"k/{name}{entry}")
        self._dirty[name] = None

    def _write(self) -> None:
        blocks, changed = self._blocks, self._changes.changed
        for name in self._dirty:
            block = blocks[name] = blocks.pop(name)
            changed["a/" + name] = _encode(block) if block else None
        self._dirty = {}

    def _prune(self) -> None:
        """Keep the blocks that changed last in memory."""
        blocks = self._blocks
        while len(blocks) > LEDGER_BLOCKS:
            del blocks[next(iter(blocks))]


def block_of(request_id: str) -> tuple[str, str]:
    """Return the block that keeps the reply of a request, and its entry there; together they are the id.

    Ids that end alike up to two digits share a block, so a block has 111 entries at most.
    """
    entry = request_id[-2:]
    if entry not in _ENTRIES:
        entry = entry[1:]
        if entry not in _ENTRIES:
            return request_id, ""
    return request_id[: -len(entry)], entry
