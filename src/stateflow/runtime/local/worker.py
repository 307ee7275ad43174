"""The worker thread of the embedded engine: it executes requests in the order of their submission, and commits.

One thread does both. While requests wait, it executes them; when none waits, or enough were executed, it commits all at once and sends
their replies. A second thread for the commits would have to take the interpreter from the first one twice for each of them, which costs
more than what would overlap; and a lone request would wait for two more changes of threads.
"""

from __future__ import annotations

import contextlib
import copy
import itertools
import logging
import threading
from collections import deque
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from stateflow.client.arrivals import together
from stateflow.client.future import StateflowFuture
from stateflow.client.waiting import serve_in_this_thread, telling
from stateflow.errors import ClientClosed, QueueFull, StateflowError
from stateflow.failpoints import Crashed, InjectedFailure, reach
from stateflow.limits import FETCHED_REQUESTS, READ_REPLIES
from stateflow.logs import describe
from stateflow.protocol.messages import Reply

if TYPE_CHECKING:
    from stateflow.options import LocalOptions
    from stateflow.protocol.messages import Request
    from stateflow.references import ReferenceTable
    from stateflow.runtime.local.answers import Engine

__all__ = ["Worker"]

_log = logging.getLogger("stateflow.runtime")


class _Task(Struct, frozen=True):
    request: Request
    references: ReferenceTable
    future: StateflowFuture[Any]


_FETCHED_LEAST = 16
"""Looking at fewer queued requests takes longer than it saves, as each look takes the lock."""

_unless_injected = contextlib.suppress(InjectedFailure)
_Outgoing = tuple[StateflowFuture[Any], Reply]


class Worker:
    """One thread over a bounded queue. It is a daemon and starts with the first request."""

    def __init__(self, engine: Engine, options: LocalOptions) -> None:
        self._engine = engine
        self._options = options
        self._waiting: deque[_Outgoing] = deque()
        self._answered: deque[_Outgoing] = deque()
        self.has_crashed = False
        self._ready = 0
        self._tasks: deque[_Task] = deque()
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)
        self._blocked = 0
        # Who waits for room goes on when there is room for many: to change threads for each request would take longer than the requests.
        self._low = options.queue_limit - 1 - options.queue_limit // 8
        # Waking the worker costs more than all the rest of a submission, so only who finds it idle does it.
        self._is_idle = False
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, request: Request, references: ReferenceTable) -> StateflowFuture[Any]:
        """Queue a request; wait for room when the queue is full.

        Raises:
            ClientClosed: the worker is closed.
            QueueFull: the queue is full, and who finds it so is to be refused.
        """
        future: StateflowFuture[Any] = StateflowFuture(request.request_id)
        with self._lock:
            if len(self._tasks) >= self._options.queue_limit:
                self._wait_for_room()
            if self._closed:
                raise ClientClosed("SF542: the runtime of this client is closed; make another runtime")
            self._tasks.append(_Task(request, references, future))
            if self._is_idle:
                self._ring()
            elif self._thread is None:
                self._start()
        return future

    def _ring(self) -> None:
        # In this order, as an interrupt may come in between: a second ring only makes the worker look in vain.
        self._bell.put(None)
        self._is_idle = False

    def close(self) -> None:
        """Let the running request end, and fail those that wait. May be called again."""
        with self._lock:
            self._closed = True
            dropped = self._drain()
            self._ring()
            self._room.notify_all()
        for task in dropped:
            task.future.set_exception(
                ClientClosed(f"SF542: the runtime was closed before it ran request {task.request.request_id}; it had no effect")
            )
        if self._thread is not None and not self._is_worker():
            self._thread.join(self._options.close_timeout_s)

    @property
    def thread(self) -> threading.Thread | None:
        """The thread that executes requests; None before the first one."""
        return self._thread

    @property
    def waiting(self) -> int:
        """How many requests wait for the engine."""
        return len(self._tasks)

    @property
    def has_ended(self) -> bool:
        """Whether no request is running and none will."""
        return self._closed and (self._thread is None or not self._thread.is_alive())

    def _drain(self) -> list[_Task]:
        # One by one: the worker takes tasks without the lock, and each must end either there or here.
        dropped = []
        with contextlib.suppress(IndexError):
            while True:
                dropped.append(self._tasks.popleft())
        return dropped

    def _wait_for_room(self) -> None:
        if self._options.refuses_when_full:
            raise QueueFull(f"SF530: {len(self._tasks)} requests wait for the engine; it was not sent: send it again later")
        # A callback submits from the worker's own thread, which would wait for itself.
        if self._is_worker():
            return
        self._blocked += 1
        self._room.wait_for(lambda: self._closed or len(self._tasks) < self._options.queue_limit)
        self._blocked -= 1

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._serve, name="stateflow-local", daemon=True)
        self._thread.start()

    def _is_worker(self) -> bool:
        return threading.current_thread() is self._thread

    def _serve(self) -> None:
        serve_in_this_thread()
        try:
            while (task := self._next()) is not None:
                self._run(task)
                # The last task must not keep its arguments and reply alive until the next one comes.
                del task
        except Crashed:
            self._die()

    def _die(self) -> None:
        """Answer nobody any more, as a process that died: what waits gets an error of its own instead of waiting for ever."""
        self.has_crashed = True
        with self._lock:
            self._closed = True
            lost = [task.future for task in self._drain()]
            self._room.notify_all()
        with telling(), together():
            for future in [*lost, *(future for future, _ in (*self._answered, *self._waiting))]:
                future.set_exception(ClientClosed(f"SF542: the runtime died before it answered request {future.request_id}"))

    def _next(self) -> _Task | None:
        """Return the next task, None when there will be none. Before the worker waits, it sends and commits what it has."""
        while True:
            if len(self._waiting) >= self._options.commit_requests:
                self._commit()
            # Without the lock, over which the worker and the submitters would otherwise meet at every request.
            try:
                task = self._tasks.popleft()
            except IndexError:
                if not self._rest():
                    return None
                continue
            if self._blocked and len(self._tasks) <= self._low:
                with self._lock:
                    self._room.notify_all()
            self._ready -= 1
            if self._ready < 0 and len(self._tasks) >= _FETCHED_LEAST:
                self._look_ahead(task)
            return task

    def _look_ahead(self, task: _Task) -> None:
        """Let the engine get ready for many tasks at once, when it has come to the end of those that it is ready for."""
        with self._lock:
            # Under the lock, as a submission would change the queue meanwhile.
            coming = list(itertools.islice(self._tasks, FETCHED_REQUESTS - 1))
        self._ready = len(coming)
        self._engine.fetch([task.request, *(other.request for other in coming)])

    def _rest(self) -> bool:
        """Send, or commit, or else wait for a task; tell whether there may be one."""
        if self._answered:
            self._send(self._answered)
        elif self._waiting:
            self._commit()
        else:
            with self._lock:
                if self._closed or self._tasks:
                    return not self._closed
                self._is_idle = True
            self._bell.get()
            self._is_idle = False
        return True

    def _run(self, task: _Task) -> None:
        # Replies to reads leave together. A method may take long, and what was answered before must not wait for it.
        if self._answered and (len(self._answered) >= READ_REPLIES or not self._engine.is_read(task.request)):
            self._send(self._answered)
        try:
            answer = self._engine.answer(task.request, task.references)
            if answer is None:
                self._commit()
                answer = self._engine.answer(task.request, task.references)
            assert answer is not None
        except Crashed:
            self._waiting.append((task.future, Reply(task.request.request_id)))
            raise
        except BaseException as error:
            # A defect of the engine, not of the user's method, whose exceptions are in replies. The thread must outlive it.
            _log.error("the engine failed in request %s: %s", task.request.request_id, describe(error))
            self._engine.discard()
            self._waiting.append((task.future, Reply(task.request.request_id)))
            self._refuse_waiting(error)
            return
        (self._answered if answer.at_once else self._waiting).append((task.future, answer.reply))
        if self._engine.must_commit():
            self._commit()

    def _commit(self) -> None:
        try:
            self._engine.commit()
        except Crashed:
            raise
        except BaseException as error:
            if not isinstance(error, StateflowError):
                _log.error("the engine failed in a commit: %s", describe(error))
            self._refuse_waiting(error)
            return
        self._send(self._waiting)

    @staticmethod
    def _send(replies: deque[_Outgoing]) -> None:
        # One that has not left is still in the queue if the engine dies.
        with telling(), together():
            while replies:
                _settle(*replies[0])
                replies.popleft()

    def _refuse_waiting(self, error: BaseException) -> None:
        waiting, self._waiting = self._waiting, deque()
        with telling(), together():
            for future, _ in waiting:
                # One object for each: raising it changes it.
                own = copy.copy(error)
                own.__cause__ = error.__cause__
                future.set_exception(own)


def _settle(future: StateflowFuture[Any], reply: Reply) -> None:
    try:
        reach("before-reply")
    except InjectedFailure as failure:
        reply = Reply(reply.request_id, error=failure)
    if reply.error is not None:
        future.set_exception(reply.error)
    else:
        future.set_result(reply.value)
    with _unless_injected:
        reach("after-reply")
