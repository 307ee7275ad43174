"""Clients that send transfers, purchases and counts at a steady rate, and what must be true of the replies whatever was killed."""

from __future__ import annotations

import itertools
import random
import threading
import time
from typing import TYPE_CHECKING, Any

import stateflow
from stateflow.client.kafka_client import StateflowKafkaClient
from stateflow.development.processes import wait_until
from stateflow.errors import OutcomeUnknown
from tests.integration.flink.money import Account, Counter, Item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.client.future import StateflowFuture
    from stateflow.options import KafkaOptions
    from stateflow.protocol.messages import Request

__all__ = ["Load", "RecordingClient"]

ACCOUNTS = 40
BALANCE = 1000
DEADLINE_S = 120
PRICE, STOCK = 3, 10_000
ITEMS = 4
FLOW = stateflow.init(Account, Counter, Item)


class RecordingClient(StateflowKafkaClient):
    """A client that remembers its requests, so that another one can send them again."""

    def __init__(self, options: KafkaOptions) -> None:
        self.sent: list[tuple[Request, StateflowFuture[Any]]] = []
        self.reply_times_s: list[float] = []
        self._replied = threading.Condition()
        super().__init__(FLOW, options=options, bind=False)

    def send(self, request: Request) -> StateflowFuture[Any]:
        future = super().send(request)
        self.sent.append((request, future))
        future.add_done_callback(self._note_reply)
        return future

    def _note_reply(self, future: StateflowFuture[Any]) -> None:
        if isinstance(future.exception(), OutcomeUnknown):
            return
        with self._replied:
            self.reply_times_s.append(time.monotonic())
            self._replied.notify_all()

    def wait_replies(self, count: int) -> None:
        """Wait for so many further replies."""
        with self._replied:
            wanted = len(self.reply_times_s) + count
            assert self._replied.wait_for(lambda: len(self.reply_times_s) >= wanted, DEADLINE_S)


class Load:
    """Some clients, each with a thread of its own, a counter of its own, and transfers and purchases of random accounts.

    Args:
        options: where the job is.
        clients: how many.
        rate: requests a second of all together.
    """

    def __init__(self, options: KafkaOptions, clients: int, rate: float) -> None:
        self._options = options
        self._interval_s = clients / rate
        self._ending = threading.Event()
        self.clients = [RecordingClient(options) for _ in range(clients)]
        # One job serves several loads.
        self._name = self.clients[0].name
        self._accounts = [f"{self._name}/account-{number}" for number in range(ACCOUNTS)]
        self._items = [f"{self._name}/item-{number}" for number in range(ITEMS)]
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(clients)]

    def __enter__(self) -> Load:
        first = self.clients[0]
        made: list[StateflowFuture[Any]] = [first.create(Account, name, BALANCE) for name in self._accounts]
        made += [first.create(Item, name, PRICE, STOCK) for name in self._items]
        made += [first.create(Counter, f"{self._name}/counter-{number}") for number in range(len(self.clients))]
        for future in made:
            future.get(DEADLINE_S)
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join(DEADLINE_S)
        for client in self.clients:
            client.close()

    def _send(self, number: int) -> None:
        client, draw = self.clients[number], random.Random(number)
        due_s = time.monotonic()
        while not self._ending.wait(max(0.0, due_s - time.monotonic())):
            due_s += self._interval_s
            payer, payee = (client.ref(Account, name) for name in draw.sample(self._accounts, 2))
            match draw.randrange(3):
                case 0:
                    client.call(Counter.add, client.ref(Counter, f"{self._name}/counter-{number}"))
                case 1:
                    client.call(Account.transfer, payer, draw.randrange(1, 20), payee)
                case _:
                    client.call(Account.buy, payer, draw.randrange(1, 3), client.ref(Item, draw.choice(self._items)))

    def requests(self) -> Iterator[tuple[Request, StateflowFuture[Any]]]:
        """Yield every request with its future."""
        for client in self.clients:
            yield from client.sent

    def replies_go_on(self, count: int) -> None:
        """Wait for so many further replies of the first client."""
        self.clients[0].wait_replies(count)

    def states(self) -> list[dict[str, Any]]:
        """Return the states of all entities, asked for by a client of its own."""
        with RecordingClient(self._options) as client:
            names = [(Account, name) for name in self._accounts] + [(Item, name) for name in self._items]
            names += [(Counter, f"{self._name}/counter-{number}") for number in range(len(self.clients))]
            return [future.get(DEADLINE_S) for future in [client.state(client.ref(cls, name)) for cls, name in names]]

    def first_reply_s(self, since_s: float) -> float:
        """Return when the first reply to any client came after a time, all on the monotonic clock; wait for it."""
        assert wait_until(lambda: bool(self._replies_since(since_s)), DEADLINE_S)
        return min(self._replies_since(since_s))

    def _replies_since(self, since_s: float) -> list[float]:
        return [time_s for client in self.clients for time_s in list(client.reply_times_s) if time_s >= since_s]

    def longest_gap(self, since_s: float) -> tuple[float, float]:
        """Return when the longest time without a reply to any client began and ended, of those since a time on the monotonic clock."""
        return max(itertools.pairwise([since_s, *sorted(self._replies_since(since_s))]), key=lambda pair: pair[1] - pair[0])

    def finish(self) -> None:
        """Send no more, wait for the replies, and ask another client for those that are unknown."""
        self._ending.set()
        for thread in self._threads:
            thread.join(DEADLINE_S)
        other = RecordingClient(self._options)
        try:
            for request, future in list(self.requests()):
                answer = outcome(future)
                if isinstance(answer, OutcomeUnknown):
                    answer = outcome(other.send(request))
                    assert not isinstance(answer, OutcomeUnknown), f"{request.request_id} has no reply, also when it is sent again"
            self._check(other)
        finally:
            other.close()

    def _check(self, other: RecordingClient) -> None:
        accounts = [other.state(other.ref(Account, name)) for name in self._accounts]
        items = [other.state(other.ref(Item, name)).get(DEADLINE_S) for name in self._items]
        money = sum(state.get(DEADLINE_S)["balance"] for state in accounts) + PRICE * sum(item["sold"] for item in items)
        assert money == ACCOUNTS * BALANCE
        assert {item["stock"] + item["sold"] for item in items} == {STOCK}
        for number, client in enumerate(self.clients):
            counts = [future for request, future in client.sent if request.name == "add"]
            known = [answer for future in counts if not isinstance(answer := outcome(future), OutcomeUnknown)]
            assert len(set(known)) == len(known)
            value = other.get(other.ref(Counter, f"{self._name}/counter-{number}"), "value").get(DEADLINE_S)
            assert value == len(counts), f"{len(counts)} requests were sent, and counter-{number} counted {value}"
        again = random.Random(0).sample(list(self.requests()), 100)
        for (_, first), repeat in zip(again, [other.send(request) for request, _ in again], strict=True):
            if not isinstance(answer := outcome(first), OutcomeUnknown):
                assert outcome(repeat) == answer


def outcome(future: StateflowFuture[Any]) -> object:
    """Return the value of a reply, or its exception."""
    error = future.exception(DEADLINE_S)
    return future.get() if error is None else error
