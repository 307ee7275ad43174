"""Requests at the place where they begin: each runs once, and a repeat gets the same answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from stateflow.core.answers import answer_error, answer_refusal, read_arguments
from stateflow.core.ending import Ending
from stateflow.core.ledger import missing
from stateflow.core.native_classes import mypyc_attr
from stateflow.core.request_digests import digest_of_start
from stateflow.core.root import begin, is_read
from stateflow.core.saved import Root
from stateflow.errors import ConfigurationError, LimitExceeded, QueueFull, RequestIdReused
from stateflow.limits import PLACE_REQUESTS, REQUEST_ASKERS, REQUEST_S
from stateflow.protocol.messages import Operation, Request
from stateflow.protocol.steps import Answer, Header, Restart, Start

if TYPE_CHECKING:
    from stateflow.core.placed import PlacedTransaction

__all__ = ["Roots"]

_RESULT: Final = Operation.RESULT.value
_OPERATIONS: Final = {operation.value: operation for operation in Operation}
_REQUEST_NS: Final = int(REQUEST_S * 1e9)


@mypyc_attr(allow_interpreted_subclasses=True)
class Roots(Ending):
    """The part of a place that begins transactions."""

    def _advance(self, tx: PlacedTransaction, stack: list[Any], pending: Any) -> None:
        """Let a transaction run until it ends, moves on or waits."""
        raise NotImplementedError

    def _start(self, start: Start) -> None:
        if start.operation == _RESULT:
            self._tell(start)
            return
        try:
            request = self._read(start)
            self._check_place(request)
            digest = digest_of_start(start, request)
            known = self.answered.find(request, digest)
            root = self.roots.get(start.request_id)
            if root is not None and root.digest != digest:
                raise RequestIdReused(start.request_id)
            if known is None and root is None and self.roots.size >= PLACE_REQUESTS:
                raise QueueFull(f"SF530: {PLACE_REQUESTS} requests that began at place {self.name} are under way; send this one later")
        except Exception as error:
            # Nothing is kept of it: it had no effect, and has none when it comes again.
            self._send(start.client, self._fitting(answer_refusal(self.codec, start.request_id, error)))
            return
        if known is not None:
            self._send(start.client, self._fitting(known))
        elif root is not None:
            self._add_asker(root, start.client)
        else:
            root = self._beginning = Root(start, self.head.now_ns, digest)
            self._begin(root, request)
            if self._beginning is not None:
                # It goes on elsewhere, or waits. Most end at once and are never kept as under way.
                self.roots.put(start.request_id, root)
                self._beginning = None

    def _add_asker(self, root: Root, client: str) -> None:
        request_id = root.start.request_id
        if client == root.start.client or client in root.askers:
            return
        if len(root.askers) >= REQUEST_ASKERS:
            error = LimitExceeded(f"SF530: {REQUEST_ASKERS} other clients wait for the reply of request {request_id}; ask for it later")
            self._send(client, answer_refusal(self.codec, request_id, error))
            return
        root.askers = (*root.askers, client)
        self.roots.put(request_id, root)

    def _tell(self, asked: Start) -> None:
        """Answer how a request ended, now or when it does. When it was sent, if known, tells what is forgotten from what never came."""
        known = self.answered.get(asked.request_id)
        root = self.roots.get(asked.request_id)
        if known is not None:
            self._send(asked.client, self._fitting(known))
        elif root is not None:
            self._add_asker(root, asked.client)
        else:
            error = missing(asked.request_id, asked.time_ns or None, self.head.horizon_ns)
            self._send(asked.client, answer_error(self.codec, asked.request_id, error))

    def _read(self, start: Start) -> Request:
        key, args, kwargs = read_arguments(self.codec, start.arguments)
        operation = _OPERATIONS.get(start.operation) or Operation(start.operation)
        return Request(
            request_id=start.request_id, time_ns=start.time_ns, operation=operation, class_name=start.class_name, key=key,
            name=start.name, args=args, kwargs=kwargs,
        )  # fmt: skip

    def _check_place(self, request: Request) -> None:
        """Refuse a request that begins elsewhere: its repeats go there, and that place would not know it."""
        cls = self.flow.by_name.get(request.class_name)
        key = None if request.operation is Operation.CREATE else request.key
        place = self.name if cls is None else self._placement.start(cls, key, request.request_id)
        if place != self.name:
            raise ConfigurationError(
                f"SF540: request {request.request_id} begins at place {place}, and came to {self.name}; give the client the number of "
                "partitions that the engine has, and classes with the same __partition__"
            )

    def _restart(self, message: Restart) -> None:
        root = self.roots.get(message.request_id)
        if root is not None and root.attempt == message.attempt:
            root.attempt += 1
            self.counts.restarts += 1
            self.roots.put(message.request_id, root)
            self._begin(root, self._read(root.start))

    def _begin(self, root: Root, request: Request) -> None:
        start = root.start
        is_read_only = self._is_read(start, request.operation)
        tx = self._open(Header(start.request_id, start.time_ns, root.began_ns, root.attempt, self.name, start.client, is_read_only))
        try:
            if self.head.now_ns - root.began_ns > _REQUEST_NS:
                raise LimitExceeded(f"SF530: request {start.request_id} has not ended after {REQUEST_S} s and {root.attempt - 1} attempts")
            stack, pending = self._first_step(tx, request)
        except Exception as error:
            self._decide(tx, answer_refusal(self.codec, start.request_id, error), [])
        else:
            self._advance(tx, stack, pending)

    def _is_read(self, start: Start, operation: Operation) -> bool:
        name = (start.operation, start.class_name, start.name)
        known = self._reads.get(name)
        if known is not None:
            return known
        found = is_read(self.flow, operation, start.class_name, start.name)
        if (self.flow.by_name.get(start.class_name), start.name) in self.flow.known_names:
            # What clients name and no class has is not remembered: there is no end of it.
            self._reads[name] = found
        return found

    def _first_step(self, tx: PlacedTransaction, request: Request) -> tuple[list[Any], Any]:
        """Return the stack of a request that begins, and the operation that comes first."""
        cls = self.flow.by_name[request.class_name]
        reference = None if request.operation is Operation.CREATE else self.store.reference(cls, request.key)
        return begin(tx, request.operation, cls, reference, request.name, request.args, request.kwargs)

    def _close_root(self, answer: Answer) -> None:
        root = self._beginning
        if root is not None and root.start.request_id == answer.request_id:
            self._beginning = None
        else:
            root = self.roots.get(answer.request_id)
            if root is None:
                return
            self.roots.remove(answer.request_id)
        self.answered.add(answer, root.start.time_ns, root.digest)
        for client in root.askers:
            self._send(client, answer)
