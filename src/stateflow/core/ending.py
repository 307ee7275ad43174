"""How a transaction ends: the decision, and what it does at each place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.core.answers import answer_error, answer_refusal, answer_value
from stateflow.core.conflicts import Conflicts
from stateflow.core.native_classes import mypyc_attr
from stateflow.errors import LimitExceeded
from stateflow.protocol.steps import Abort, Answer, Commit, Move

if TYPE_CHECKING:
    from stateflow.core.placed import PlacedTransaction
    from stateflow.core.saved import Left
    from stateflow.core.store import Record
    from stateflow.protocol.steps import Message, State

__all__ = ["Ending"]

States = list[tuple["Record", bytes | None]]
_FEW = 2  # so many labels are in NAMES_BYTES


@mypyc_attr(allow_interpreted_subclasses=True)
class Ending(Conflicts):
    """The part of a place that ends transactions."""

    def _close_root(self, answer: Answer) -> None:
        """Note the answer of a transaction that began here."""
        raise NotImplementedError

    def _end(self, tx: PlacedTransaction, value: Any, error: BaseException | None) -> None:
        """Decide: what could still fail comes first; then nothing can prevent the commit, and nothing but an exception the abort."""
        request_id = tx.header.request_id
        error = self.entities.failure or error
        self.entities.failure = None
        states: States = []
        if error is None:
            answer = answer_value(self.codec, request_id, value)
            try:
                states = [] if answer.is_error else [(record, self.entities.encode(record)) for record in self._written(tx)]
            except Exception as reason:
                answer = answer_error(self.codec, request_id, reason)
        else:
            answer = answer_error(self.codec, request_id, error)
        self._decide(tx, answer, states)

    def _written(self, tx: PlacedTransaction) -> list[Record]:
        """Return the entities that are here and may have been changed."""
        if not tx.header.is_read_only:
            return [*tx.touched, *tx.carried] if tx.carried else tx.touched
        return [*tx.touched, *(record for record in tx.carried if not self.store.is_stable(record))]

    def _decide(self, tx: PlacedTransaction, answer: Answer, states: States) -> None:
        """Tell the client, and each place that was visited. What no envelope could take makes it an abort, which every envelope can."""
        header = tx.header
        if not tx.visited and header.root == self.name:
            answer = self._fitting(answer)
            self._send(header.client, answer)
        else:
            answer = self._tell_all(tx, answer, states)
        if answer.is_error:
            self._undo(tx)
        else:
            self._keep(tx, states)
        if header.root == self.name:
            self._close_root(answer)

    def _tell_all(self, tx: PlacedTransaction, answer: Answer, states: States) -> Answer:
        """Send a decision to the client and the places; return the answer that is in it."""
        decision = self._decision(tx, answer, states)
        if len(states) > _FEW or sum([len(data) for _, data in states if data], 2 * len(answer.value)) > self._easy_bytes:
            try:
                for _, message in decision:
                    self._check_size(message)
            except LimitExceeded as error:
                answer = answer_refusal(self.codec, tx.header.request_id, error)
                decision = self._decision(tx, answer, [])
        for target, message in decision:
            self._send(target, message)
        return answer

    def _decision(self, tx: PlacedTransaction, answer: Answer, states: States) -> list[tuple[str, Message]]:
        """Return what the client and each place that was visited are told."""
        header = tx.header
        decision: list[tuple[str, Message]] = [(header.client, answer)]
        told = tx.visited if header.root in tx.visited or header.root == self.name else {*tx.visited, header.root}
        for name in sorted(told) if len(told) > 1 else told:
            given = answer if name == header.root else None
            if answer.is_error:
                decision.append((name, Abort(header.request_id, header.attempt, given)))
                continue
            written = tx.written.get(name, 0) if tx.written else 0
            decision.append((name, Commit(header.request_id, header.attempt, self._states_for(states, name), given, written)))
        return decision

    def _fitting(self, answer: Answer) -> Answer:
        """Return an answer that no other place is told; where no envelope could take it, the reason instead."""
        if len(answer.value) <= self._easy_bytes:
            return answer
        try:
            self._check_size(answer)
        except LimitExceeded as error:
            return answer_refusal(self.codec, answer.request_id, error)
        return answer

    def _states_for(self, states: States, name: str) -> tuple[State, ...]:
        to_send = self.entities.to_send
        return tuple([to_send(record, data) for record, data in states if not record.label and self.home_of(record) == name])

    def _keep(self, tx: PlacedTransaction, states: States) -> None:
        """Keep what an attempt that ends here changed here."""
        for record, data in states:
            if record.label:
                self.entities.keep(record, data)
        labels = tx.locked
        if tx.left is None and not tx.reading:
            # Most transactions: nothing but memory knows what they locked.
            for record in tx.touched:
                record.holder = None
            if self.queues.spans.size:
                self._released += [label for label in labels if self.queues.has(label)]
            self._drop(tx)
            return
        if tx.left is not None:
            labels = [*self._touched_labels(tx.left), *labels]
        if tx.reading or tx.returned:
            labels = [*labels, *tx.shared]
            self._stop_reading(tx)
        self._drop(tx)
        self._forget_left(tx.header.request_id, tx.left, labels, is_kept=True)

    def _must_wait_for_writes(self, message: Move | Commit, request_id: str, attempt: int, written: int) -> bool:
        """Tell whether a message has to wait for others that were sent before it."""
        raise NotImplementedError

    def _told(self, message: Commit | Abort) -> Left | None:
        """Return what the attempt left here that a decision is about; None when it is gone, or is decided by another message."""
        left = self.left.get(message.request_id)
        if left is None or left.header.attempt != message.attempt or (message.is_relayed and left.is_rejoined):
            return None
        return left

    def _commit(self, message: Commit) -> None:
        if message.written and self._must_wait_for_writes(message, message.request_id, message.attempt, message.written):
            return
        left = self._told(message)
        if left is not None:
            for state in message.states:
                self.entities.keep_sent(state, is_final=True)
            self._forget_left(message.request_id, left, self._touched_labels(left), is_kept=True)
        if message.answer is not None:
            self._close_root(message.answer)

    def _abort(self, message: Abort) -> None:
        left = self._told(message)
        if left is not None:
            self._undo_left(left)
        if message.answer is not None:
            self._close_root(message.answer)
