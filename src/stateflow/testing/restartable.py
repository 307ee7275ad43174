"""A runtime that dies and starts again under its clients, which notice nothing but the time it takes."""

from __future__ import annotations

import itertools
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakSet

from stateflow import failpoints
from stateflow.client.future import StateflowFuture
from stateflow.errors import ClientClosed
from stateflow.failpoints import Crashed
from stateflow.runtime.local.runtime import LocalRuntime, open_database
from stateflow.testing.crash_plan import Crash, CrashPlan

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from stateflow.core.ports import Database
    from stateflow.dataflow import Dataflow
    from stateflow.options import LocalOptions
    from stateflow.protocol.messages import Request
    from stateflow.runtime.local.runtime import LocalClient
    from stateflow.runtime.local.worker import Worker

__all__ = ["RestartableRuntime"]


class _Sent(NamedTuple):
    """A request that is not answered yet. `future` outlives the engines that work on it."""

    request: Request
    client: LocalClient
    future: StateflowFuture[Any]


class RestartableRuntime(LocalRuntime):
    """The embedded engine, which can crash as by `kill -9`: what is not committed is lost, and nothing is closed in order.

    Then another engine opens what the dead one left, and requests without a reply are sent to it again with the same ids, as a client
    in another process would do. So a test that passes without crashes must pass with them.

    Args:
        flow: the compiled classes.
        path: the file that keeps everything; without one, memory does, and it outlives crashes too.
        suspend_everywhere: as for `LocalRuntime`.
        seed: as for `LocalRuntime`.
        clock: as for `LocalRuntime`.
        options: as for `LocalRuntime`.
    """

    def __init__(
        self,
        flow: Dataflow,
        *,
        path: str | os.PathLike[str] | None = None,
        suspend_everywhere: bool = False,
        seed: int | None = None,
        clock: Callable[[], int] = time.time_ns,
        options: LocalOptions | None = None,
    ) -> None:
        self._path = path
        self._database = open_database(flow, path)
        self._plan = CrashPlan()
        self._crashes: list[str] = []
        self._hooked = ExitStack()
        self._dead: WeakSet[threading.Thread] = WeakSet()
        self._replaced: Worker | None = None
        self._guard = threading.RLock()
        self._numbers = itertools.count()
        self._pending: dict[int, _Sent] = {}
        super().__init__(flow, database=self._database, suspend_everywhere=suspend_everywhere, seed=seed, clock=clock, options=options)

    @property
    def crashes(self) -> list[str]:
        """The crashes so far, in order: the fail point of each, or `now` for those that `crash` made."""
        return list(self._crashes)

    @property
    def missing_crashes(self) -> list[Crash]:
        """The crashes that `crash_at` asked for and that have not happened."""
        return self._plan.missing

    def crash_at(self, point: str, nth: int = 1) -> None:
        """Crash when a fail point is reached the `nth` time from now on; `stateflow.failpoints.POINTS` lists them.

        Raises:
            ConfigurationError: there is no such fail point, or another test of this process watches them.
        """
        self._plan.add(Crash(point, nth))
        self._watch()

    def crash(self) -> None:
        """Crash now, and start again. What was replied before is kept; what is under way is repeated."""
        self._watch()
        with self._guard:
            worker = self._replaced = self._worker
            if worker.thread is not None:
                self._dead.add(worker.thread)
        self._crashes.append("now")
        worker.close()
        self._recover(worker)

    def restart(self) -> None:
        """Close the engine in order, and start again."""
        with self._guard:
            worker = self._replaced = self._worker
        worker.close()
        with self._guard:
            if self._worker is worker and self._engine is not None:
                self._engine.close()
                self._start_again()

    def submit(self, client: LocalClient, request: Request) -> StateflowFuture[Any]:
        """Queue the request of a client; for `LocalClient.send`."""
        future: StateflowFuture[Any] = StateflowFuture(request.request_id)
        number = next(self._numbers)
        self._pending[number] = sent = _Sent(request, client, future)
        self._dispatch(number, sent)
        return future

    def close(self) -> None:
        """Close as `LocalRuntime` does, and crash no more."""
        try:
            super().close()
        finally:
            self._hooked.close()

    def _dispatch(self, number: int, sent: _Sent) -> None:
        worker = self._worker
        try:
            future = worker.submit(sent.request, sent.client.references)
        except ClientClosed:
            if not self._is_repeated(worker):
                del self._pending[number]
                raise
        else:
            future.add_done_callback(lambda future: self._answered(number, worker, future))

    def _answered(self, number: int, worker: Worker, future: StateflowFuture[Any]) -> None:
        error = future.exception()
        if isinstance(error, ClientClosed) and self._is_repeated(worker):
            return
        sent = self._pending.pop(number, None)
        if sent is None:
            return
        if error is not None:
            sent.future.set_exception(error)
        else:
            sent.future.set_result(future.get())

    def _is_repeated(self, worker: Worker) -> bool:
        """Tell whether what a closed engine did not answer is sent to another one, which was started or will be."""
        if worker.has_crashed:
            self._recover(worker)
            return True
        return worker is self._replaced or worker is not self._worker

    def _recover(self, worker: Worker) -> None:
        """Let another engine go on where this one died; does nothing when one does already."""
        with self._guard:
            if self._worker is worker and self._engine is not None:
                self._engine.abandon()
                self._start_again()

    def _start_again(self) -> None:
        try:
            self._start(self._reopened())
        except BaseException as error:
            pending, self._pending = self._pending, {}
            for sent in pending.values():
                sent.future.set_exception(error)
            raise
        self._replaced = None
        for number, sent in list(self._pending.items()):
            self._dispatch(number, sent)

    def _reopened(self) -> Database:
        if self._path is not None:
            self._database = open_database(self.flow, self._path)
        return self._database

    def _watch(self) -> None:
        with self._guard:
            if not self._is_watching:
                self._hooked.enter_context(failpoints.watch(self._reach))
                self._is_watching = True

    _is_watching = False

    def _reach(self, point: str) -> None:
        thread = threading.current_thread()
        if thread in self._dead:
            raise Crashed(point)
        if thread is self._worker.thread and self._plan.is_due(point):
            self._dead.add(thread)
            self._crashes.append(point)
            raise Crashed(point)
