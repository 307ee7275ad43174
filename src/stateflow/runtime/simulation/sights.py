"""What runs have seen at least once. A fault that never meets anything proves nothing, so tests ask for these."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from stateflow.errors import MalformedBytes
from stateflow.protocol.bundles import envelopes_of
from stateflow.protocol.steps import Abort, Answer, Commit, Message, Move, Restart, Start, WriteBack, decode_envelope

if TYPE_CHECKING:
    from stateflow.protocol.bundles import Sending
    from stateflow.runtime.simulation.log import Appended

__all__ = ["Sights", "messages_of", "name_of"]


def messages_of(data: bytes) -> tuple[Message, ...]:
    """Return the messages of an envelope, or of a record of several; none of bytes that are neither."""
    try:
        return tuple(message for each in envelopes_of(data) for message in decode_envelope(each).messages)
    except MalformedBytes:
        return ()


def name_of(message: Message) -> str:
    """Return the transaction that a message belongs to."""
    return message.header.request_id if isinstance(message, Move) else message.request_id


class Sights(Counter[str]):
    """Counts what happened, by a name for each kind of thing.

    Attributes:
        attempts: the latest attempt of each transaction that came to each place.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attempts: dict[tuple[str, str], int] = {}

    def note_read(self, record: Appended, sent: list[Sending]) -> None:
        """Count what one step of a place shows."""
        out = [message for _, data in sent for message in messages_of(data)]
        busy = {name_of(message) for message in out}
        self["record of several envelopes"] += len(envelopes_of(record.data)) > 1
        for message in messages_of(record.data):
            self[f"read {type(message).__name__}"] += 1
            if isinstance(message, Start | Move) and name_of(message) not in busy:
                self["wait"] += 1
            if isinstance(message, Move):
                self["move back to a place"] += record.key in message.visited
                is_beginning = record.key == message.header.root and record.key not in message.visited and b"begin" in message.context
                self["beginning with a fetched entity"] += is_beginning
                self["move that only reads"] += message.header.is_read_only
                self.attempts[record.key, name_of(message)] = message.header.attempt
            elif isinstance(message, Abort):
                self["abort that came after a later attempt"] += message.attempt < self.attempts.get((record.key, name_of(message)), 0)
        for message in out:
            match message:
                case Abort(answer=None):
                    self["die"] += 1
                case Restart():
                    self["restart away from home"] += 1
                case Move(header=header):
                    self["move"] += 1
                    self["attempt after the first"] += header.attempt > 1
                    self["move of a creation"] += bool(message.unborn)
                    self["move past parked frames"] += bool(message.parked)
                case WriteBack():
                    self["state sent home"] += 1
                case Commit(is_relayed=True):
                    self["decision passed on"] += 1
                case Commit():
                    self["commit with states"] += bool(message.states)
                case Answer(is_error=is_error):
                    self["answer with an error"] += is_error
                case Start():
                    pass

    def note_crash(self, last: Appended | None, following: list[Appended], unsent: list[Sending]) -> None:
        """Count between which messages a worker died, and what was lost with it."""
        for before in messages_of(last.data)[-1:] if last else ():
            for after in [message for record in following for message in messages_of(record.data)[:1]]:
                self[f"crash between {type(before).__name__} and {type(after).__name__}"] += 1
        for kind in sorted({type(message).__name__ for _, data in unsent for message in messages_of(data)}):
            self[f"crash before {kind} was sent"] += 1
