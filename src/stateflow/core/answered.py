"""The ledger of one place: how requests that began here ended.

It is bounded by count, bytes and age, as the ledger of the embedded engine is, and forgets step by step what is oldest. All times are
those of messages, so a replay forgets the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from stateflow.core.ledger import check_known, check_unknown
from stateflow.core.request_digests import former_digests
from stateflow.core.saved import Kept
from stateflow.limits import LEDGER_BYTES, LEDGER_REQUESTS, LEDGER_S

if TYPE_CHECKING:
    from stateflow.core.records import Changes
    from stateflow.core.saved import Head
    from stateflow.dataflow import Dataflow
    from stateflow.protocol.messages import Request
    from stateflow.protocol.steps import Answer

__all__ = ["Answered"]

_AGE_NS = int(LEDGER_S * 1e9)
Finished = tuple[str, int, int]
"""A request id, its time of submission, and the size of what is kept of it."""

_encode = msgspec.msgpack.Encoder().encode
_decode_kept = msgspec.msgpack.Decoder(Kept).decode
_decode_step = msgspec.msgpack.Decoder(tuple[int, list[Finished]]).decode


class Answered:
    """Answers under `a/` and the request id; under `o/` and a number, which requests one step ended.

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
        self._ended: list[Finished] = []

    def find(self, request: Request, digest: int) -> Answer | None:
        """Return how this very request ended; None when it never did.

        Raises:
            RequestExpired: it may have ended and been forgotten.
            RequestIdReused: another request had this id.
        """
        data = self._changes.get("a/" + request.request_id)
        if data is None:
            check_unknown(request, self._head.horizon_ns)
            return None
        kept = _decode_kept(data)
        check_known(request, digest, kept.digest, self._head.horizon_ns, lambda r: former_digests(r, self._flow))
        return kept.answer

    def get(self, request_id: str) -> Answer | None:
        """Return how a request ended; None when that is not kept."""
        data = self._changes.get("a/" + request_id)
        return None if data is None else _decode_kept(data).answer

    def add(self, answer: Answer, time_ns: int, digest: int) -> None:
        """Keep how a request ended."""
        request_id, head = answer.request_id, self._head
        data = _encode((digest, answer))  # a `Kept`
        size = len(data)
        self._changes.put("a/" + request_id, data)
        self._ended.append((request_id, time_ns, size))
        head.answers += 1
        head.answer_bytes += size

    def flush(self) -> None:
        """Note which requests the step ended, and forget what is too much or too old."""
        head = self._head
        if self._ended:
            self._changes.put(f"o/{head.next}", _encode((head.now_ns, self._ended)))
            head.next += 1
            self._ended = []
        while head.first < head.next and self._forget_oldest():
            head.first += 1

    def _forget_oldest(self) -> bool:
        """Forget what the oldest step ended, if that must go; tell whether it did."""
        head = self._head
        is_full = head.answers > self.requests or head.answer_bytes > self.bytes
        if not is_full and head.now_ns - head.oldest_ns <= self.age_ns:
            return False
        name = f"o/{head.first}"
        data = self._changes.get(name)
        assert data is not None
        ended_ns, finished = _decode_step(data)
        head.oldest_ns = ended_ns
        if not is_full and head.now_ns - ended_ns <= self.age_ns:
            return False
        self._changes.remove(name)
        for request_id, time_ns, size in finished:
            self._changes.remove("a/" + request_id)
            head.answers -= 1
            head.answer_bytes -= size
            head.horizon_ns = max(head.horizon_ns, time_ns)
        return True
