"""The worker thread of the embedded engine: it executes requests in the order of their submission."""

from __future__ import annotations

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

    def submit(self, request: Request, references: ReferenceTable) -> StateflowFuture[Any]:
        """Queue a request; wait for room when the queue is full.

        Raises:
            ClientClosed: the worker is closed.
        """
        future: StateflowFuture[Any] = StateflowFuture(request.request_id)
        with self._lock:
            # A callback submits from the worker's own thread, which would wait for itself.
            while not self._closed and len(self._tasks) >= self._options.queue_limit and not self._is_worker():
                self._room.wait()
            if self._closed:
                raise ClientClosed("SF542: the runtime of this client is closed; make another runtime")
            self._tasks.append(_Task(request, references, future))
            self._start()
            self._work.notify()
        return future

    def close(self) -> None:
        """Let the running request end, and fail those that wait. May be called again."""
        with self._lock:
            self._closed = True
            dropped, self._tasks = self._tasks, deque()
            self._work.notify_all()
            self._room.notify_all()
        for task in dropped:
            task.future.set_exception(
                ClientClosed(f"SF542: the runtime was closed before it ran request {task.request.request_id}; it had no effect")
            )
        if self._thread is not None and not self._is_worker():
            self._thread.join(self._options.close_timeout_s)

    def _start(self) -> None:
        if self._thread is None:
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
        with self._lock:
            while not self._tasks:
                if self._closed:
                    return None
                self._work.wait()
            self._room.notify()
            return self._tasks.popleft()

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
