"""A place: the entities that are reached without a message, and the transactions that hold some of them.

`Place.step` is the whole protocol: one message in, messages out; no clock, no sockets, no threads. `docs/explanation/transactions.md`
says why it keeps its promises.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from stateflow.core.answers import answer_error, answer_value, read_arguments
from stateflow.core.context import pack, pack_random, unpack, unpack_random
from stateflow.core.driver import advance
from stateflow.core.frame import SUSPENDED
from stateflow.core.locks import Queues, Waiter
from stateflow.core.placed import PlacedTransaction
from stateflow.core.root import begin
from stateflow.core.runtime_codec import RuntimeCodec
from stateflow.core.store import Record, Store
from stateflow.protocol.steps import Abort, Answer, Commit, Header, Message, Move, Restart, Start

if TYPE_CHECKING:
    from stateflow.core.placement import Placement
    from stateflow.dataflow import Dataflow

__all__ = ["Place", "Root"]


class Root:
    """A transaction that began at this place and has not ended: its request, its age, its attempt, and who else asked."""

    __slots__ = ("askers", "attempt", "began_ns", "start")

    def __init__(self, start: Start, began_ns: int) -> None:
        self.start = start
        self.began_ns = began_ns
        self.attempt = 1
        self.askers: list[str] = []


class Place:
    """One place.

    Args:
        flow: the compiled classes.
        name: its name in the placement.
        placement: says where entities live.
        suspends: pause at every suspension point, by a message to itself. Slow; results are the same.
    """

    def __init__(self, flow: Dataflow, name: str, placement: Placement, *, suspends: bool = False) -> None:
        self.flow = flow
        self.name = name
        self.store = Store(flow)
        self.codec = RuntimeCodec(self.store)
        self.roots: dict[str, Root] = {}
        self.transactions: dict[str, PlacedTransaction] = {}
        self.ledger: dict[str, Answer] = {}
        self.queues = Queues()
        self._placement = placement
        self._suspends = suspends
        self.now_ns = 0
        self._out: list[tuple[str, Message]] = []
        self._released: deque[Record] = deque()

    def home_of(self, record: Record) -> str:
        """Return the name of the place where an entity lives."""
        return self._placement.home(record.cls, record.key)

    def step(self, message: Message, now_ns: int) -> list[tuple[str, Message]]:
        """Handle one message.

        Args:
            message: what arrived.
            now_ns: when it was written, in nanoseconds since 1970; time never goes back.

        Returns:
            What to send, and to whom: places and clients, by name.
        """
        self.now_ns = max(self.now_ns, now_ns)
        self._handle(message)
        while self._released:
            self._wake(self._released.popleft())
        out, self._out = self._out, []
        return out

    def _handle(self, message: Message) -> None:
        match message:
            case Start():
                self._start(message)
            case Move():
                self._arrive(message)
            case Commit():
                self._commit(message)
            case Abort():
                self._abort(message)
            case Restart():
                self._restart(message)
            case Answer():
                raise AssertionError("answers go to clients")

    # The root.

    def _start(self, start: Start) -> None:
        answer = self.ledger.get(start.request_id)
        if answer is not None:
            self._send(start.client, answer)
        elif start.request_id in self.roots:
            self.roots[start.request_id].askers.append(start.client)
        else:
            self.roots[start.request_id] = Root(start, self.now_ns)
            self._begin(start.request_id)

    def _restart(self, message: Restart) -> None:
        root = self.roots.get(message.request_id)
        if root is not None and root.attempt == message.attempt:
            root.attempt += 1
            self._begin(message.request_id)

    def _begin(self, request_id: str) -> None:
        root = self.roots[request_id]
        start = root.start
        header = Header(request_id, start.time_ns, root.began_ns, root.attempt, self.name, start.client)
        tx = self._open(header)
        try:
            cls = self.flow.by_name[start.class_name]
            key, args, kwargs = read_arguments(self.codec, start.arguments)
            reference = None if key is None else self.store.references.get(cls, key)
            stack, pending = begin(tx, start.operation, cls, reference, start.name, args, kwargs)
        except Exception as error:
            self._end_with(tx, answer_error(self.codec, request_id, error))
        else:
            self._advance(tx, stack, pending)

    def _close_root(self, request_id: str, answer: Answer | None) -> None:
        root = self.roots.pop(request_id, None) if answer is not None else None
        if root is None or answer is None:
            return
        self.ledger[request_id] = answer
        for client in root.askers:
            self._send(client, answer)

    # A transaction that is here.

    def _open(self, header: Header) -> PlacedTransaction:
        """Return what this place knows of an attempt; what it knew of earlier ones is undone."""
        known = self.transactions.get(header.request_id)
        if known is not None:
            if known.header.attempt == header.attempt:
                return known
            self._undo(known)
        tx = self.transactions[header.request_id] = PlacedTransaction(self, header, suspends=self._suspends)
        return tx

    def _arrive(self, move: Move) -> None:
        tx = self._open(move.header)
        tx.visited = {*move.visited} - {self.name}
        tx.unborn = [Record(self.flow.by_name[name], None, None) for name in move.unborn]
        for number, record in enumerate(tx.unborn, 1):
            record.number = number
        self.codec.transaction = tx
        stack, pending, travelled = unpack(tx, move.context)
        unpack_random(tx, move.random)
        tx.carried = [record for record in travelled if self.home_of(record) != self.name]
        for record in tx.carried:
            record.holder = tx
        self._advance(tx, stack, pending)

    def _advance(self, tx: PlacedTransaction, stack: list[Any], pending: Any) -> None:
        self.codec.transaction = tx
        tx.obstacle = None
        error: BaseException | None = None
        value: Any = None
        try:
            value = advance(tx, stack, pending)
        except BaseException as raised:
            error = raised
        if value is SUSPENDED:
            self._pause(tx)
        else:
            self._end(tx, value, error)

    def _pause(self, tx: PlacedTransaction) -> None:
        if tx.obstacle is None:
            self._move(tx, self.name)
        elif isinstance(tx.obstacle, str):
            self._move(tx, tx.obstacle)
        else:
            self._wait(tx, tx.obstacle)

    def _end(self, tx: PlacedTransaction, value: Any, error: BaseException | None) -> None:
        if error is None:
            answer = answer_value(self.codec, tx.header.request_id, value)
        else:
            answer = answer_error(self.codec, tx.header.request_id, error)
        self._end_with(tx, answer)

    def _end_with(self, tx: PlacedTransaction, answer: Answer) -> None:
        """Decide: nothing can prevent the commit, and nothing but an exception the abort."""
        header = tx.header
        self._send(header.client, answer)
        for name in sorted({*tx.visited, header.root} - {self.name}):
            given = answer if name == header.root else None
            if answer.is_error:
                self._send(name, Abort(header.request_id, header.attempt, given))
            else:
                self._send(name, Commit(header.request_id, header.attempt, self._states_for(tx, name), given))
        if answer.is_error:
            self._undo(tx)
        else:
            self._keep(tx)
        if header.root == self.name:
            self._close_root(header.request_id, answer)

    def _states_for(self, tx: PlacedTransaction, name: str) -> bytes:
        states = [(record, record.instance) for record in tx.carried if self.home_of(record) == name]
        return self.codec.codec.encode(states, "state") if states else b""

    def _pack(self, tx: PlacedTransaction) -> Move:
        unborn = tuple(record.cls.__qualname__ for record in tx.unborn)
        context = pack(tx, tx.stack, tx.pending)
        visited = {*tx.visited, self.name} if tx.touched else tx.visited
        return Move(tx.header, tuple(sorted(visited)), unborn, context, pack_random(tx))

    def _move(self, tx: PlacedTransaction, target: str) -> None:
        self._send(target, self._pack(tx))
        self._leave(tx)

    def _leave(self, tx: PlacedTransaction) -> None:
        """Forget what goes along; what it touched here stays locked."""
        self._drop_carried(tx)
        tx.stack, tx.pending, tx.domain = [], None, None
        for record in tx.unborn:
            if record.reference is None:
                self.store.place(record, None)
        tx.unborn = []
        if not tx.touched:
            del self.transactions[tx.header.request_id]

    def _drop_carried(self, tx: PlacedTransaction) -> None:
        for record in tx.carried:
            self.store.place(record, None)
            record.holder = record.before = None
        tx.carried = []

    # Conflicts.

    def _wait(self, tx: PlacedTransaction, record: Record) -> None:
        """Wait for an entity that another transaction holds, or die: wait-die (Rosenkrantz, Stearns and Lewis, 1978)."""
        header = tx.header
        if (tx.visited or tx.touched) and header.age < record.holder.header.age:
            self.queues.add(record, Waiter(header, self._pack(tx), holds=True))
            self._leave(tx)
        elif not tx.visited and (header.root == self.name or not tx.touched):
            # It holds nothing elsewhere: to let go of what it holds here is all that dying would be.
            message: Message = Restart(header.request_id, header.attempt) if header.root == self.name else self._pack(tx)
            self._let_go(tx)
            self.queues.add(record, Waiter(header, message, holds=False))
        else:
            self._die(tx, record)

    def _let_go(self, tx: PlacedTransaction) -> None:
        self._leave(tx)
        if tx.header.request_id in self.transactions:
            self._undo(tx)

    def _die(self, tx: PlacedTransaction, record: Record) -> None:
        """Abort this attempt everywhere; begin again when the entity is free."""
        header = tx.header
        for name in sorted(tx.visited):
            self._send(name, Abort(header.request_id, header.attempt))
        self._let_go(tx)
        self.queues.add(record, Waiter(header, Restart(header.request_id, header.attempt), holds=False))

    def _wake(self, record: Record) -> None:
        """Let those that wait for an entity try, until one holds it."""
        while record.holder is None and (waiter := self.queues.next(record)) is not None:
            self._resume(waiter)
        if record.holder is not None:
            for waiter in self.queues.take_younger(record, record.holder.header.age):
                self._kill(waiter, record)

    def _resume(self, waiter: Waiter) -> None:
        root = waiter.header.root
        if isinstance(waiter.message, Restart) and root != self.name:
            self._send(root, waiter.message)
        else:
            self._handle(waiter.message)

    def _kill(self, waiter: Waiter, record: Record) -> None:
        assert isinstance(waiter.message, Move)
        tx = self._open(waiter.header)
        tx.visited = {*waiter.message.visited} - {self.name}
        self._die(tx, record)

    # What the end of a transaction does here.

    def _commit(self, message: Commit) -> None:
        tx = self.transactions.get(message.request_id)
        if tx is not None and tx.header.attempt == message.attempt:
            self.codec.transaction = tx
            if message.states:
                states: Any = self.codec.codec.decode(message.states)
                for record, instance in states:
                    if record.instance is not instance:
                        self.store.place(record, instance)
            self._keep(tx)
        self._close_root(message.request_id, message.answer)

    def _abort(self, message: Abort) -> None:
        tx = self.transactions.get(message.request_id)
        if tx is not None and tx.header.attempt == message.attempt:
            self._undo(tx)
        self._close_root(message.request_id, message.answer)

    def _keep(self, tx: PlacedTransaction) -> None:
        self._finish(tx, tx.commit)

    def _undo(self, tx: PlacedTransaction) -> None:
        self._finish(tx, tx.undo)

    def _finish(self, tx: PlacedTransaction, how: Any) -> None:
        self._drop_carried(tx)
        del self.transactions[tx.header.request_id]
        how()
        self._released.extend(tx.touched)

    def _send(self, target: str, message: Message) -> None:
        self._out.append((target, message))
