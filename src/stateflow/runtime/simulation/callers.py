"""The clients of a run: they send planned requests, repeat them, and note what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stateflow.histories.plan import resolve
from stateflow.protocol.client_values import ClientValues
from stateflow.protocol.messages import Operation, Request
from stateflow.protocol.steps import Answer, Envelope, encode_envelope
from stateflow.references import ReferenceTable
from stateflow.runtime.simulation.sights import messages_of

if TYPE_CHECKING:
    from stateflow.core.placement import Placement
    from stateflow.dataflow import Dataflow
    from stateflow.histories.oracle import Reply
    from stateflow.histories.plan import Ask
    from stateflow.runtime.simulation.log import Log

__all__ = ["Caller", "Pending"]


@dataclass(slots=True)
class Pending:
    """A request that was sent.

    Attributes:
        ask: what was asked.
        place: where it begins.
        data: its envelope.
        invoked: the step in which it was sent first.
        replied: the step in which its first reply came; 0 while there is none.
        answer: that reply.
        others: replies that are not equal to it.
    """

    ask: Ask
    place: str
    data: bytes
    invoked: int
    replied: int = 0
    answer: Answer | None = None
    others: list[Answer] = field(default_factory=list)


class Caller:
    """A client. It reads its partition of answers; a reply may come late, and more than once.

    Args:
        name: its name.
        flow: the compiled classes.
        placement: tells where a request begins.
        log: what it sends to and reads.
    """

    def __init__(self, name: str, flow: Dataflow, placement: Placement, log: Log) -> None:
        self.name = name
        self.sent: dict[str, Pending] = {}
        self.open: dict[str, Pending] = {}
        self._flow = flow
        self._placement = placement
        self._log = log
        self._references = ReferenceTable(flow.reference_types, self)
        self._values = ClientValues(flow, self._references, name)
        self._offset = 0

    def ask(self, ask: Ask, step: int) -> Pending:
        """Write a request; it is not sent yet."""
        cls = ask.target.cls
        key = None if ask.operation is Operation.CREATE else ask.target.key
        args = resolve(ask.args, self._references.get)
        request = Request(
            request_id=ask.name,
            time_ns=self._log.clock(),
            operation=ask.operation,
            class_name=cls.__qualname__,
            key=key,
            name=ask.method,
            args=args,
        )
        start = self._values.write(request)
        place = self._placement.start(cls, key, ask.name)
        data = encode_envelope(Envelope(self.name, place, 0, 0, (start,)))
        pending = self.sent[ask.name] = self.open[ask.name] = Pending(ask, place, data, step)
        return pending

    def has_mail(self) -> bool:
        """Tell whether there are answers that were not read."""
        return self._offset < self._log.end(self.name)

    def read(self, step: int) -> list[str]:
        """Read one record of answers; return the names of the requests that are answered now for the first time."""
        record = self._log.records[self.name][self._offset]
        self._offset += 1
        answered = []
        for message in messages_of(record.data):
            assert isinstance(message, Answer)
            pending = self.sent[message.request_id]
            if pending.answer is None:
                pending.answer, pending.replied = message, step
                del self.open[message.request_id]
                answered.append(message.request_id)
            elif message != pending.answer:
                pending.others.append(message)
        return answered

    def reply(self, answer: Answer) -> Reply:
        """Return what an answer holds."""
        reply = self._values.read(answer)
        return reply.value, reply.error

    def reference_attribute(self, reference: Any, name: str) -> Any:
        """Refuse: replies are compared, not used."""
        raise AttributeError(name)

    def reference_assignment(self, reference: Any, name: str) -> Any:
        """Refuse: replies are compared, not used."""
        raise AttributeError(name)
