"""The worker thread of the embedded engine: it executes requests in the order of their submission."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from stateflow.client.future import StateflowFuture
from stateflow.client.waiting import executing, serve_in_this_thread
from stateflow.errors import ClientClosed

if TYPE_CHECKING:
    from stateflow.options import LocalOptions
    from stateflow.protocol.messages import Reply, Request
    from stateflow.references import ReferenceTable

__all__ = ["RequestExecutor", "Worker"]

_log = logging.getLogger("stateflow.runtime")


class RequestExecutor(Protocol):
    """What runs one request as a transaction; `stateflow.core.executor.Executor` does."""

    def execute(self, request: Request, references: ReferenceTable) -> Reply:
        """Run `request` to its end; the reply's references are made by `references`."""


class _Task(NamedTuple):
    request: Request
    references: ReferenceTable
    future: StateflowFuture[Any]


class Worker:
    """One thread over a bounded queue. It is a daemon and starts with the first request."""

    def __init__(self, executor: RequestExecutor, options: LocalOptions) -> None:
        self._executor = executor
        self._options = options
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
        while (task := self._next()) is not None:
            self._run(task)
            # The last task must not keep its arguments and reply alive until the next one comes.
            del task

    def _next(self) -> _Task | None:
        # Without the lock, over which the worker and the submitters would otherwise meet at every request.
        try:
            task = self._tasks.popleft()
        except IndexError:
            return self._wait_for_task()
        if self._blocked:
            with self._lock:
                self._room.notify()
        return task

    def _wait_for_task(self) -> _Task | None:
        with self._lock:
            self._is_idle = True
            self._work.wait_for(lambda: self._closed or self._tasks)
            self._is_idle = False
            self._room.notify()
            return self._tasks.popleft() if self._tasks else None

    def _run(self, task: _Task) -> None:
        try:
            with executing():
                reply = self._executor.execute(task.request, task.references)
        except BaseException as error:
            # A defect of the engine, not of the user's method, whose exceptions are in replies. The thread must outlive it.
            _log.exception("the engine failed in request %s", task.request.request_id)
            task.future.set_exception(error)
            return
        if reply.error is not None:
            task.future.set_exception(reply.error)
        else:
            task.future.set_result(reply.value)
