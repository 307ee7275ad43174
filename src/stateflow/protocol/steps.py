"""What places, and clients on a wire, say to each other: a closed set of messages, in numbered envelopes.

Everything that holds values of users' programs is bytes here; the place that handles the message reads them. No message is ever in a
cycle of references, so the garbage collector is spared (`gc=False`).
"""

from __future__ import annotations

import zlib
from typing import Any

import msgspec
from msgspec import Struct

from stateflow.errors import MalformedBytes
from stateflow.limits import ENVELOPE_BYTES, ENVELOPE_MESSAGES

__all__ = [
    "Abort", "Answer", "Commit", "Envelope", "Header", "Message", "Move", "Outside", "Parking", "Restart", "Start", "State", "WriteBack",
    "decode_envelope", "describe", "digest_of", "encode_envelope", "is_too_large", "most_of", "read_outside", "size_of",
]  # fmt: skip

FORMAT = 1
BUNDLE = 2
"""Stands where `FORMAT` does in a record of several envelopes."""


class Header(Struct, frozen=True, array_like=True, gc=False):
    """What is known of a transaction wherever it goes.

    Attributes:
        request_id: its name.
        time_ns: what the clock says inside its methods.
        began_ns: when its root place first saw it; it keeps its age over all attempts.
        attempt: how often it has begun, from 1.
        root: the place where it begins, and whose ledger keeps its reply.
        client: who waits for the reply.
        is_read_only: it is proved to change no entity, so it shares the entities that it holds with others that read.
    """

    request_id: str
    time_ns: int
    began_ns: int
    attempt: int
    root: str
    client: str
    is_read_only: bool = False

    @property
    def age(self) -> tuple[int, str]:
        """Smaller is older; no two transactions have the same."""
        return (self.began_ns, self.request_id)


class Start(Struct, frozen=True, array_like=True, tag="start", gc=False):
    """A client's request. `arguments` holds the key (None for a creation), the positional and the keyword arguments."""

    request_id: str
    time_ns: int
    operation: str
    class_name: str
    name: str
    arguments: bytes
    client: str


class Parking(Struct, frozen=True, array_like=True, gc=False):
    """Frames that were left at a place: which, and the labels of the entities that are in them."""

    place: str
    number: int
    labels: tuple[str, ...]


class Move(Struct, frozen=True, array_like=True, tag="move", gc=False):
    """A transaction on its way to an entity.

    Attributes:
        header: which one.
        visited: the other places that hold something for it, but for those that one of these tells how it ended.
        unborn: class names of the entities that it is creating.
        context: its frames, and the states of the entities that travel with it, in which what was one object is one again.
        random: the state of its random generator, when it drew from it.
        parked: the frames that wait for it elsewhere, the innermost last.
        written: how many `WriteBack` messages of this attempt went to which place.
        rejoined: those of `visited` that another place would tell how it ended, too; they wait for the place where it ends.
    """

    header: Header
    visited: tuple[str, ...]
    unborn: tuple[str, ...]
    context: bytes
    random: bytes
    parked: tuple[Parking, ...] = ()
    written: tuple[tuple[str, int], ...] = ()
    rejoined: tuple[str, ...] = ()


State = tuple[str, bytes | None, int]
"""The label of an entity, its state (None: it does not exist), and the mark of the version of its class that wrote it."""


class Answer(Struct, frozen=True, array_like=True, tag="answer", gc=False):
    """How a request ended: the value, or the exception."""

    request_id: str
    value: bytes
    is_error: bool


class WriteBack(Struct, frozen=True, array_like=True, tag="write back", gc=False):
    """Here are entities of the place that travelled and whose calls have returned elsewhere. Their transaction goes on."""

    request_id: str
    attempt: int
    states: tuple[State, ...]


class Commit(Struct, frozen=True, array_like=True, tag="commit", gc=False):
    """Keep what this attempt changed here.

    Attributes:
        request_id: the transaction.
        attempt: its attempt.
        states: the entities of the place that travelled.
        answer: how the request ended, for its root place.
        written: how many `WriteBack` messages of this attempt went to the place; they may come later.
        is_relayed: it comes from a place that the transaction left earlier, not from where it ended.
    """

    request_id: str
    attempt: int
    states: tuple[State, ...] = ()
    answer: Answer | None = None
    written: int = 0
    is_relayed: bool = False


class Abort(Struct, frozen=True, array_like=True, tag="abort", gc=False):
    """Undo what this attempt changed here. The root place gets the answer when the transaction has ended with an exception."""

    request_id: str
    attempt: int
    answer: Answer | None = None
    is_relayed: bool = False


class Restart(Struct, frozen=True, array_like=True, tag="restart", gc=False):
    """Begin again at the root: the entity that this attempt died for is free."""

    request_id: str
    attempt: int


Message = Start | Move | WriteBack | Commit | Abort | Restart | Answer


class Envelope(Struct, frozen=True, array_like=True, gc=False):
    """All that one step of a place says to one other place, or to one client.

    Attributes:
        source: the place, or the client.
        target: the place, or the client.
        number: counts the envelopes from this place to this target, from 1; 0 from clients, whose requests have ids.
        previous: `digest_of` the envelope with the number before; 0 in the first one, and from clients.
        messages: in their order.
    """

    source: str
    target: str
    number: int
    previous: int
    messages: tuple[Message, ...]


class Outside(Struct, frozen=True, array_like=True, gc=False):
    """The outside of an envelope: what is read of one that is only passed on."""

    source: str
    target: str


_encode = msgspec.msgpack.Encoder().encode
_decode_outside = msgspec.msgpack.Decoder(tuple[int, msgspec.Raw]).decode
_decode = msgspec.msgpack.Decoder(tuple[int, Envelope]).decode
_decode_labels = msgspec.msgpack.Decoder(tuple[int, Outside]).decode


def encode_envelope(envelope: Envelope) -> bytes:
    """Return an envelope as bytes."""
    return _encode((FORMAT, envelope))


def is_too_large(data: bytes, messages: tuple[Message, ...], envelope_bytes: int) -> bool:
    """Tell whether messages that were written as one envelope have to go in several."""
    return len(messages) > 1 and (len(data) > envelope_bytes or len(messages) > ENVELOPE_MESSAGES)


def size_of(message: Message) -> int:
    """Return how many bytes a message takes in an envelope."""
    return len(_encode(message))


def most_of(message: Any) -> int:
    """Return a number of bytes that a message does not exceed in an envelope, found without writing it.

    Each part counts its bytes, each character four, and what stands before a part not more than nine.
    """
    kind = type(message)
    if kind is Answer:
        return len(message.value) + 4 * len(message.request_id) + 32
    if kind is Commit:
        most = 4 * len(message.request_id) + 64
        for label, data, _ in message.states:
            most += 4 * len(label) + len(data or b"") + 32
        answer = message.answer
        return most if answer is None else most + len(answer.value) + 4 * len(answer.request_id) + 32
    if kind is Move and not (message.parked or message.written or message.rejoined or message.unborn):
        header, visited = message.header, message.visited
        names = 4 * (len(header.request_id) + len(header.root) + len(header.client) + len("".join(visited)))
        return names + len(message.context) + len(message.random) + 9 * len(visited) + 128
    return size_of(message)


def digest_of(data: bytes) -> int:
    """Return 32 bits that an envelope has in common with its repeats: it holds that of the one before, so these are a chain."""
    return zlib.crc32(data)


def read_outside(data: bytes) -> Outside:
    """Return from whom and for whom an envelope is, without reading its messages.

    Raises:
        MalformedBytes: the bytes are no envelope.
    """
    try:
        return _decode_labels(data)[1]
    except (ValueError, RecursionError) as error:
        raise MalformedBytes(f"SF511: these bytes are not an envelope: {error}") from None


def decode_envelope(data: bytes) -> Envelope:
    """Return the envelope that `encode_envelope` wrote.

    Raises:
        MalformedBytes: the bytes are no envelope, of another version, too long, or hold too many messages.
    """
    if len(data) > ENVELOPE_BYTES:
        raise MalformedBytes(f"SF511: an envelope of {len(data)} bytes; at most {ENVELOPE_BYTES} are read")
    try:
        version, envelope = _decode(data)
    except (ValueError, RecursionError) as error:
        _check_version(data)
        raise MalformedBytes(f"SF511: these bytes are not an envelope: {error}") from None
    if version != FORMAT:
        _check_version(data)
    if len(envelope.messages) > ENVELOPE_MESSAGES:
        raise MalformedBytes(f"SF511: an envelope of {len(envelope.messages)} messages; at most {ENVELOPE_MESSAGES} are read")
    return envelope


def _check_version(data: bytes) -> None:
    """Refuse an envelope of another version, whatever it holds."""
    try:
        version, _ = _decode_outside(data)
    except (ValueError, RecursionError):
        return
    if version != FORMAT:
        raise MalformedBytes(f"SF511: an envelope of version {version}; this version of StateFlow reads {FORMAT}")


def describe(message: Any) -> str:
    """Return a message in a few words, for traces."""
    match message:
        case Start():
            return f"start {message.request_id} {message.operation} {message.class_name}.{message.name}"
        case Move():
            return f"move {message.header.request_id}#{message.header.attempt} ({len(message.context)} bytes)"
        case Commit() | Abort() | Restart() | WriteBack():
            return f"{type(message).__name__.lower()} {message.request_id}#{message.attempt}"
        case _:
            return f"answer {message.request_id}{' error' if message.is_error else ''}"
