"""A place behind its doors: envelopes in, envelopes out, and what it keeps as bytes under keys.

A machine knows no clock, no thread and no engine. Whoever drives it gives it one envelope after another, or records of several, puts what
`take_changes` returns, and delivers what `receive` returns. After a crash a new machine over the records that were put gets them again
from there on, and answers with the very same envelopes; their receivers drop those that they have had.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from stateflow.core.dead_letters import DeadLetters
from stateflow.core.links import Links
from stateflow.core.native_classes import mypyc_attr
from stateflow.core.place import Place
from stateflow.core.records import Changes
from stateflow.errors import MalformedBytes, PlaceStopped
from stateflow.limits import CACHE_BYTES, DEAD_LETTER_BYTES, ENVELOPE_BYTES, NAME_BYTES, PARK_BYTES, VISITED_PLACES, WRITE_BACK_BYTES
from stateflow.protocol.bundles import envelopes_of
from stateflow.protocol.steps import Abort, Commit, Envelope, Move, Restart, Start, WriteBack, decode_envelope, describe

if TYPE_CHECKING:
    from stateflow.core.placement import Placement
    from stateflow.core.records import Records
    from stateflow.dataflow import Dataflow
    from stateflow.protocol.steps import Message

__all__ = ["Machine"]

_Part = tuple[Envelope, bytes]
"""An envelope, and its bytes."""

_BETWEEN_PLACES: Final = frozenset({Move, WriteBack, Commit, Abort, Restart})


@mypyc_attr(allow_interpreted_subclasses=True)
class Machine:
    """One place.

    Args:
        flow: the compiled classes.
        name: its name in the placement.
        placement: says where entities live.
        records: what was put so far.
        suspends: pause at every suspension point, by a message to itself. Slow; results are the same.
        cache_bytes: what the entities in memory may take together.
        park_bytes: the size of frames that still go along with their transaction.
        write_back_bytes: what a transaction carries at most of entities whose calls have returned.
        envelope_bytes: the size of the largest envelope that may be sent. A transaction that would need a larger one ends with
            `LimitExceeded`.
        visited_places: how many visited places a transaction names before it leaves their list behind.

    Attributes:
        place_type: what handles the messages.
        stopped: why it takes no more envelopes; None while it does.
    """

    place_type: ClassVar[type[Place]] = Place

    def __init__(
        self,
        flow: Dataflow,
        name: str,
        placement: Placement,
        records: Records,
        *,
        suspends: bool = False,
        cache_bytes: int = CACHE_BYTES,
        park_bytes: int = PARK_BYTES,
        write_back_bytes: int = WRITE_BACK_BYTES,
        envelope_bytes: int = ENVELOPE_BYTES,
        visited_places: int = VISITED_PLACES,
    ) -> None:
        self.name = name
        self.stopped: PlaceStopped | None = None
        self._flow = flow
        self._placement = placement
        self._suspends = suspends
        self._cache_bytes = cache_bytes
        self._park_bytes = park_bytes
        self._write_back_bytes = write_back_bytes
        self._envelope_bytes = envelope_bytes
        self._visited_places = visited_places
        self._changes = Changes(records)
        self._links = Links(name, self._changes, envelope_bytes)
        self._dead = DeadLetters(self._changes)
        self.place = self._open()

    @property
    def dead_letters(self) -> DeadLetters:
        """What could not be handled."""
        return self._dead

    def receive(self, data: bytes, now_ns: int) -> list[tuple[str, bytes]]:
        """Handle one envelope, or one record of several, as one step.

        Args:
            data: the envelope, or the record.
            now_ns: when it was written, in nanoseconds since 1970. The same when it comes again after a crash.

        Returns:
            Envelopes to send, each with the name of the place or client that it is for: one for each, unless it would be too large.

        Raises:
            PlaceStopped: envelopes are missing, a replay diverges, or a decision could not be carried out. Nothing was changed, and
                further envelopes are refused alike.
        """
        if self.stopped is not None:
            raise self.stopped
        parts: list[_Part] = []
        for each in envelopes_of(data):
            try:
                envelope = decode_envelope(each)
            except MalformedBytes as error:
                self._dead.add(now_ns, "", str(error), each)
                continue
            reason = self._refusal(envelope)
            if reason:
                self._dead.add(now_ns, envelope.source, reason, each)
            else:
                parts.append((envelope, each))
        return self._take(parts, now_ns) if parts else []

    def take_changes(self) -> dict[str, bytes | None]:
        """Return what to put under which key (None: remove it), since the last call.

        Put it before the next `receive`, and before what `receive` returned may count as durable. Then nothing is only in memory.
        """
        return self._changes.take()

    def _open(self) -> Place:
        return self.place_type(
            self._flow,
            self.name,
            self._placement,
            self._changes,
            suspends=self._suspends,
            cache_bytes=self._cache_bytes,
            park_bytes=self._park_bytes,
            write_back_bytes=self._write_back_bytes,
            envelope_bytes=self._envelope_bytes,
            visited_places=self._visited_places,
        )

    def _refusal(self, envelope: Envelope) -> str:
        """Return why a whole envelope is not taken; nothing when it is."""
        if envelope.target != self.name:
            return f"it is for {envelope.target}, and this is {self.name}"
        is_place = self._placement.is_place(envelope.source)
        if (envelope.number > 0) == is_place:
            return ""
        if is_place:
            return f"{envelope.source} is a place, and its envelope has no number"
        return f"{envelope.source} is no place, and its envelope has a number"

    def _take(self, parts: list[_Part], now_ns: int) -> list[tuple[str, bytes]]:
        before = self._changes.copy()
        accept = self._links.accept
        try:
            fresh = [(envelope, data) for envelope, data in parts if not envelope.number or accept(envelope, data)]
            if not fresh:
                return []
            out = self._handle(fresh, now_ns)
        except PlaceStopped as stopped:
            self.stopped = stopped
            self._changes.restore(before)
            self.place.store.clear()
            raise
        self.place.flush()
        written: list[tuple[str, bytes]] = []
        for target, messages in out.items():
            write = self._links.write if self._placement.is_place(target) else self._links.write_to_client
            written += [(target, data) for data in write(target, tuple(messages))]
        return written

    def _handle(self, parts: list[_Part], now_ns: int) -> dict[str, list[Message]]:
        """Handle the messages of envelopes. One that fails ends its transaction, and the others are handled as if it had not come."""
        failed: dict[int, Exception] = {}
        hopeless: set[int] = set()
        while True:
            before = self._changes.copy()
            number = -1
            step = self.place.step
            message: Message | None = None
            try:
                for envelope, data in parts:
                    is_of_place = envelope.number > 0 and _BETWEEN_PLACES.issuperset(map(type, envelope.messages))
                    for message in envelope.messages:
                        number += 1
                        error = failed.get(number) if failed else None
                        reason = "" if is_of_place else _message_refusal(envelope, message)
                        if error is not None:
                            reason = f"{type(error).__name__}: {error}"
                        elif not reason:
                            step(message, now_ns)
                            continue
                        self._dead.add(now_ns, envelope.source, f"{describe(message)[: DEAD_LETTER_BYTES // 2]}: {reason}", data)
                        if error is not None and number not in hopeless:
                            self.place.give_up(message, now_ns, error)
            except PlaceStopped:
                raise
            except Exception as error:
                if number not in failed and isinstance(message, Start | Move):
                    failed[number] = error
                elif isinstance(message, Start):
                    # Its client gets no answer; nobody may stop a place by a request.
                    hopeless.add(number)
                else:
                    # What was decided elsewhere would be lost with it.
                    reason = f"{describe(message)} could not be handled: {type(error).__name__}: {error}"
                    raise PlaceStopped(self.name, reason) from error
                self._changes.restore(before)
                self.place.store.clear()
                self.place = self._open()
            else:
                return self.place.take_sent()


def _message_refusal(envelope: Envelope, message: Message) -> str:
    """Return why a message is not handled; nothing when it is."""
    if not isinstance(message, Start):
        if type(message) not in _BETWEEN_PLACES:
            return "answers are for clients"
        return "" if envelope.number else "a client sends requests only"
    if envelope.number:
        return "a place does not send requests"
    request_id, client = message.request_id, message.client
    # No character takes more than four bytes, so most names need not be encoded to know.
    if len(request_id) + len(client) > NAME_BYTES // 4 and (_is_long(request_id) or _is_long(client)):
        return f"its id or its client's name is longer than {NAME_BYTES} bytes"
    return "" if client == envelope.source else f"{envelope.source} asks for {client}"


def _is_long(name: str) -> bool:
    return len(name.encode()) > NAME_BYTES
