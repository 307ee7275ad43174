"""The worker thread of the embedded engine: it executes requests in the order of their submission, and commits.

One thread does both. While requests wait, it executes them; when none waits, or enough were executed, it commits all at once and sends
their replies. A second thread for the commits would have to take the interpreter from the first one twice for each of them, which costs
more than what would overlap; and a lone request would wait for two more changes of threads.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from stateflow.client.future import StateflowFuture
from stateflow.client.waiting import executing, serve_in_this_thread
from stateflow.errors import ClientClosed, StateflowError
from stateflow.failpoints import Crashed, InjectedFailure, reach
from stateflow.protocol.messages import Reply

if TYPE_CHECKING:
    from stateflow.options import LocalOptions
    from stateflow.protocol.messages import Request
    from stateflow.references import ReferenceTable
    from stateflow.runtime.local.answers import Engine

__all__ = ["Worker"]

_log = logging.getLogger("stateflow.runtime")


class _Task(NamedTuple):
    request: Request
    references: ReferenceTable
    future: StateflowFuture[Any]


class Worker:
    """One thread over a bounded queue. It is a daemon and starts with the first request."""

    def __init__(self, engine: Engine, options: LocalOptions) -> None:
        self._engine = engine
        self._options = options
        self._waiting: list[tuple[StateflowFuture[Any], Reply]] = []
        self.has_crashed = False
        self._tasks: deque[_Task] = deque()
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)
        self._room = threading.Condition(self._lock)
        self._thread: threading.Thread | None = None
        self._closed = False
        # A notice costs more than all the rest of a submission, so it is given only when somebody waits for it.
        self._is_idle = False
        self._blocked = 0

    def submit(self, request: Request, references: ReferenceTable) -> StateflowFuture[Any]:
        """Queue a request; wait for room when the queue is full.

        Raises:
            ClientClosed: the worker is closed.
        """
        future: StateflowFuture[Any] = StateflowFuture(request.request_id)
        with self._lock:
            if len(self._tasks) >= self._options.queue_limit:
                self._wait_for_room()
            if self._closed:
                raise ClientClosed("SF542: the runtime of this client is closed; make another runtime")
            self._tasks.append(_Task(request, references, future))
            if self._is_idle:
                self._work.notify()
            elif self._thread is None:
                self._start()
        return future

    def close(self) -> None:
        """Let the running request end, and fail those that wait. May be called again."""
        with self._lock:
            self._closed = True
            dropped = self._drain()
            self._work.notify_all()
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
        for future in [*lost, *(future for future, _ in self._waiting)]:
            future.set_exception(ClientClosed(f"SF542: the runtime died before it answered request {future.request_id}"))

    def _next(self) -> _Task | None:
        # Without the lock, over which the worker and the submitters would otherwise meet at every request.
        if len(self._waiting) >= self._options.commit_requests:
            self._commit()
        try:
            task = self._tasks.popleft()
        except IndexError:
            return self._next_after_commit()
        if self._blocked:
            with self._lock:
                self._room.notify()
        return task

    def _next_after_commit(self) -> _Task | None:
        if self._waiting:
            self._commit()
            if self._tasks:
                return self._next()
        with self._lock:
            self._is_idle = True
            self._work.wait_for(lambda: self._closed or self._tasks)
            self._is_idle = False
            self._room.notify()
            return self._tasks.popleft() if self._tasks else None

    def _run(self, task: _Task) -> None:
        try:
            with executing():
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
            _log.exception("the engine failed in request %s", task.request.request_id)
            self._engine.discard()
            self._refuse([(task.future, Reply(task.request.request_id)), *self._waiting], error)
            self._waiting = []
            return
        if answer.at_once:
            self._send_now(task.future, answer.reply)
        else:
            self._waiting.append((task.future, answer.reply))
        if self._engine.must_commit():
            self._commit()

    def _send_now(self, future: StateflowFuture[Any], reply: Reply) -> None:
        try:
            _send(future, reply)
        except Crashed:
            self._waiting.append((future, reply))
            raise

    def _commit(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            self._engine.commit()
        except Crashed:
            self._waiting = waiting
            raise
        except BaseException as error:
            if not isinstance(error, StateflowError):
                _log.exception("the engine failed in a commit")
            self._refuse(waiting, error)
            return
        for number, (future, reply) in enumerate(waiting):
            try:
                _send(future, reply)
            except Crashed:
                self._waiting = waiting[number:]
                raise

    @staticmethod
    def _refuse(waiting: list[tuple[StateflowFuture[Any], Reply]], error: BaseException) -> None:
        for future, _ in waiting:
            # One object for each: raising it changes it.
            own = copy.copy(error)
            own.__cause__ = error.__cause__
            future.set_exception(own)


def _send(future: StateflowFuture[Any], reply: Reply) -> None:
    try:
        reach("before-reply")
    except InjectedFailure as failure:
        reply = Reply(reply.request_id, error=failure)
    if reply.error is not None:
        future.set_exception(reply.error)
    else:
        future.set_result(reply.value)
    with contextlib.suppress(InjectedFailure):
        reach("after-reply")
