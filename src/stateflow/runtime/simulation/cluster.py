"""The places of a flow, the channels between them, and the scheduler."""

from __future__ import annotations

import random
from collections import deque
from typing import TYPE_CHECKING, Any

from stateflow.client.base import StateflowClient
from stateflow.client.future import StateflowFuture
from stateflow.core.machine import Machine
from stateflow.core.records import put_changes
from stateflow.protocol.client_values import ClientValues
from stateflow.protocol.steps import Answer, Envelope, decode_envelope, encode_envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stateflow.core.placement import Placement
    from stateflow.dataflow import Dataflow
    from stateflow.protocol.messages import Request
    from stateflow.protocol.steps import Message

__all__ = ["Cluster", "SimulatedClient"]

_MILLISECOND_NS = 1_000_000


class Cluster:
    """Places that talk by messages. Envelopes between two places keep their order; between pairs the seed decides.

    Args:
        flow: the compiled classes.
        placement: where entities live.
        seed: decides which channel delivers next.
        suspends: pause at every suspension point.
        options: further options of the machines.

    Attributes:
        renews: make a new machine over the records of its place before each envelope.
        machine_type: what the places are.
    """

    renews = False
    machine_type: type[Machine] = Machine

    def __init__(
        self, flow: Dataflow, placement: Placement, *, seed: int = 0, suspends: bool = False, options: Mapping[str, int] | None = None
    ) -> None:
        self.flow = flow
        self.placement = placement
        self.machines: dict[str, Machine] = {}
        self.records: dict[str, dict[str, bytes]] = {}
        self.clients: dict[str, SimulatedClient] = {}
        self.delivered = 0
        self._suspends = suspends
        self._options = dict(options or {})
        self._random = random.Random(seed)
        self.channels: dict[tuple[str, str], deque[bytes]] = {}
        self._last: dict[str, tuple[str, tuple[Message, ...]]] = {}
        self._now_ns = 0

    def client(self, name: str | None = None, *, bind: bool = False, clock: Callable[[], int] | None = None) -> SimulatedClient:
        """Return a new client."""
        chosen = name or f"client-{len(self.clients)}"
        client = self.clients[chosen] = SimulatedClient(self, chosen, bind=bind, clock=clock or (lambda: self._now_ns))
        return client

    def post(self, source: str, target: str, messages: tuple[Message, ...]) -> None:
        """Send messages of a client."""
        self._last[source] = (target, messages)
        self.transmit(source, target, encode_envelope(Envelope(source, target, 0, 0, messages)))

    def transmit(self, source: str, target: str, data: bytes) -> None:
        """Put an envelope in the channel from `source` to `target`."""
        self.channels.setdefault((source, target), deque()).append(data)

    def repeat_last(self, source: str) -> None:
        """Send again what a client sent last, as one does that got no reply in time."""
        if source in self._last:
            target, messages = self._last[source]
            self.post(source, target, messages)

    def run(self, until: Callable[[], bool], *, max_steps: int = 100_000) -> None:
        """Deliver until a condition holds.

        Raises:
            RuntimeError: nothing is left to deliver, or too many steps were taken.
        """
        for _ in range(max_steps):
            if until():
                return
            if not self.deliver():
                raise RuntimeError("nothing is left to deliver, and what was waited for has not happened")
        raise RuntimeError(f"{max_steps} steps, and what was waited for has not happened")

    def deliver(self) -> bool:
        """Deliver one envelope; False when there is none."""
        waiting = [channel for channel, envelopes in self.channels.items() if envelopes]
        if not waiting:
            return False
        source, target = self._random.choice(waiting)
        data = self.channels[source, target].popleft()
        self._now_ns += _MILLISECOND_NS
        self.delivered += 1
        if target in self.clients:
            for message in decode_envelope(data).messages:
                assert isinstance(message, Answer)
                self.clients[target].arrive(message)
        else:
            self._step(self.machine(target), data)
        return True

    def machine(self, name: str) -> Machine:
        """Return a place by its name."""
        if self.renews or name not in self.machines:
            records = self.records.setdefault(name, {})
            self.machines[name] = self.machine_type(
                self.flow, name, self.placement, records, suspends=self._suspends, **self._options
            )
        return self.machines[name]

    def _step(self, machine: Machine, data: bytes) -> None:
        out = machine.receive(data, self._now_ns)
        records = self.records[machine.name]
        put_changes(records, machine.take_changes())
        for target, sent in out:
            self.transmit(machine.name, target, sent)


class SimulatedClient(StateflowClient):
    """A client of a simulated cluster; `Cluster.client` makes it. Waiting for a future delivers messages."""

    def __init__(self, cluster: Cluster, name: str, *, bind: bool, clock: Callable[[], int]) -> None:
        self._cluster = cluster
        self.name = name
        self._waiting: dict[str, StateflowFuture[Any]] = {}
        super().__init__(cluster.flow, bind=bind, clock=clock, request_prefix=name)
        self._values = ClientValues(cluster.flow, self.references, name)

    def send(self, request: Request) -> StateflowFuture[Any]:
        """Put a request on its way to the place where it begins."""
        future: StateflowFuture[Any] = StateflowFuture(request.request_id)
        start = self._values.write(request)
        self._waiting[request.request_id] = future
        target = self._cluster.placement.start(self.flow.by_name[request.class_name], request.key, request.request_id)
        self._cluster.post(self.name, target, (start,))
        return future

    def arrive(self, answer: Answer) -> None:
        """Take an answer; a repeated one changes nothing."""
        future = self._waiting.pop(answer.request_id, None)
        if future is None:
            return
        reply = self._values.read(answer)
        if reply.error is not None:
            future.set_exception(reply.error)
        else:
            future.set_result(reply.value)

    def wait(self, future: StateflowFuture[Any]) -> Any:
        """Deliver messages until a future is done; return its value or raise its exception."""
        self._cluster.run(future.done)
        return future.get()
