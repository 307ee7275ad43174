"""The request ledger: which requests were carried out, and what was replied.

Replies are kept in batches, one for each commit. Memory holds one number for each request; the replies themselves are read from the
database when a request comes again. The ledger is cut into *generations*; the oldest is dropped as a whole when the ledger is too large or
too old, and the *horizon* then says up to which time of submission a request that is not known may have been carried out and forgotten.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from stateflow.core.ports import Horizon
from stateflow.errors import DatabaseDamaged, RequestExpired, RequestIdReused, RequestUnknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stateflow.core.ports import Database
    from stateflow.options import LocalOptions
    from stateflow.protocol.messages import Request

__all__ = ["Entry", "Ledger", "Outcome", "check_known", "check_unknown", "missing"]

_GENERATIONS = 4


class Outcome(Struct, frozen=True, array_like=True, gc=False):
    """How a request ended. `data` is a plain scalar when `is_plain`, else what the value codec wrote: a value, or the exception."""

    is_error: bool
    is_plain: bool
    data: Any


class Entry(Struct, frozen=True, array_like=True, gc=False):
    """What the ledger keeps of one request; `digest` tells whether another request of this id asks for the same."""

    request_id: str
    time_ns: int
    digest: int
    outcome: Outcome


_encode_entries = msgspec.msgpack.Encoder().encode
_decode_entries = msgspec.msgpack.Decoder(list[Entry]).decode


class _Generation:
    """Requests that are forgotten together."""

    __slots__ = ("bytes", "first_number", "first_time_ns", "last_time_ns", "numbers")

    def __init__(self, first_number: int) -> None:
        self.first_number = first_number
        self.first_time_ns: int | None = None
        self.last_time_ns = -1
        self.bytes = 0
        self.numbers: dict[int, int] = {}


class Ledger:
    """Knows past requests.

    Args:
        database: where the replies are.
        options: the bounds `ledger_requests`, `ledger_bytes` and `ledger_s`.
        former_digests: the digests that a request may have had before classes and methods were renamed.
    """

    def __init__(
        self, database: Database, options: LocalOptions, former_digests: Callable[[Request], Iterable[int]] = lambda request: ()
    ) -> None:
        self._former_digests = former_digests
        self._database = database
        self._requests = max(1, options.ledger_requests // _GENERATIONS)
        self._bytes = max(1, options.ledger_bytes // _GENERATIONS)
        self._age_ns = int(options.ledger_s * 1e9)
        self._horizon = database.horizon
        self._moved = False
        self._pending: dict[str, Entry] = {}
        self._generations: deque[_Generation] = deque([_Generation(self._horizon.first_number)])
        for number, data in database.all_replies():
            self._note(number, data, _decode(number, data))

    @property
    def horizon_ns(self) -> int:
        """The latest time of submission of a forgotten request; -1 when none is forgotten."""
        return self._horizon.time_ns

    @property
    def pending(self) -> int:
        """How many entries wait for the next batch."""
        return len(self._pending)

    @property
    def size(self) -> int:
        """How many requests are known, those that wait for the next batch not counted."""
        # All at once, as other threads ask too.
        return sum(len(generation.numbers) for generation in tuple(self._generations))

    def find(self, request: Request, digest: int) -> Outcome | None:
        """Return how this very request ended; None when it was never carried out.

        Raises:
            RequestExpired: it may have been carried out and forgotten.
            RequestIdReused: another request had this id.
        """
        entry = self.entry(request.request_id)
        check_known(request, digest, None if entry is None else entry.digest, self._horizon.time_ns, self._former_digests)
        return None if entry is None else entry.outcome

    def entry(self, request_id: str) -> Entry | None:
        """Return what is kept of the request with this id; None when nothing is."""
        entry = self._pending.get(request_id)
        if entry is not None:
            return entry
        mark = hash(request_id)
        for generation in self._generations:
            number = generation.numbers.get(mark)
            if number is not None:
                found = [e for e in _decode(number, self._database.replies(number)) if e.request_id == request_id]
                return found[0] if found else None
        return None

    def add(self, request: Request, digest: int, outcome: Outcome) -> None:
        """Keep how a request ended, from the next batch on."""
        self._pending[request.request_id] = Entry(request.request_id, request.time_ns, digest, outcome)

    def discard(self) -> None:
        """Forget what was to be in the next batch, which failed."""
        self._pending = {}

    def encode(self) -> bytes:
        """Return the entries for the next batch as bytes."""
        return _encode_entries(list(self._pending.values()))

    def moved_horizon(self) -> Horizon | None:
        """Drop what is too much or too old; return the horizon when it has moved since the last commit."""
        while self._must_drop():
            self._drop()
        return self._horizon if self._moved else None

    def committed(self, number: int, data: bytes) -> None:
        """Note that a batch with the pending entries was committed."""
        self._moved = False
        entries, self._pending = self._pending, {}
        self._note(number, data, entries.values())

    def _note(self, number: int, data: bytes, entries: Any) -> None:
        newest = self._generations[-1]
        if self._is_full(newest):
            newest = _Generation(number)
            self._generations.append(newest)
        newest.bytes += len(data)
        numbers = newest.numbers
        for entry in entries:
            numbers[hash(entry.request_id)] = number
            if entry.time_ns > newest.last_time_ns:
                newest.last_time_ns = entry.time_ns
        if newest.first_time_ns is None:
            newest.first_time_ns = newest.last_time_ns

    def _is_full(self, newest: _Generation) -> bool:
        age_ns = newest.last_time_ns - (newest.first_time_ns if newest.first_time_ns is not None else newest.last_time_ns)
        return len(newest.numbers) >= self._requests or newest.bytes >= self._bytes or age_ns >= self._age_ns // _GENERATIONS

    def _must_drop(self) -> bool:
        kept = self._generations
        if len(kept) <= _GENERATIONS:
            now_ns = max((entry.time_ns for entry in self._pending.values()), default=-1)
            return len(kept) > 1 and now_ns - kept[0].last_time_ns > self._age_ns
        return True

    def _drop(self) -> None:
        oldest = self._generations.popleft()
        self._horizon = Horizon(self._generations[0].first_number, max(self._horizon.time_ns, oldest.last_time_ns))
        self._moved = True


def check_known(
    request: Request, digest: int, known: int | None, horizon_ns: int, former_digests: Callable[[Request], Iterable[int]]
) -> None:
    """Refuse a request that a ledger may have forgotten, and one whose id another request had.

    Args:
        request: the request.
        digest: its digest.
        known: the digest that the ledger has under its id; None when it has none.
        horizon_ns: the latest time of submission of a forgotten request.
        former_digests: the digests that the request may have had before classes and methods were renamed.

    Raises:
        RequestExpired: it may have been carried out and forgotten.
        RequestIdReused: another request had this id.
    """
    if known is None:
        check_unknown(request, horizon_ns)
    elif known != digest and known not in former_digests(request):
        raise RequestIdReused(request.request_id)


def check_unknown(request: Request, horizon_ns: int) -> None:
    """Refuse a request that a ledger does not know and may have forgotten.

    Args:
        request: the request.
        horizon_ns: the latest time of submission of a forgotten request.

    Raises:
        RequestExpired: it was submitted before that.
    """
    if request.time_ns <= horizon_ns:
        raise RequestExpired(request.request_id)


def _decode(number: int, data: bytes) -> list[Entry]:
    try:
        return _decode_entries(data)
    except msgspec.MsgspecError as error:
        raise DatabaseDamaged(f"SF552: the replies of batch {number} cannot be read ({error}); put a backup back") from error


def missing(request_id: str, sent_ns: int | None, horizon_ns: int) -> RequestExpired | RequestUnknown:
    """Return the error about a request whose outcome a ledger does not have.

    Args:
        request_id: names the request.
        sent_ns: when it was sent, in nanoseconds since 1970, when that is known.
        horizon_ns: up to which time of submission the ledger has forgotten requests; negative when it has forgotten none.
    """
    if sent_ns is None:
        return RequestUnknown(request_id, None if horizon_ns < 0 else horizon_ns)
    return RequestExpired(request_id) if sent_ns <= horizon_ns else RequestUnknown(request_id)
