"""The embedded engine and its client."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from stateflow.client.base import StateflowClient
from stateflow.observer import Sizes
from stateflow.options import LocalOptions
from stateflow.runtime.base import Runtime
from stateflow.runtime.local.answers import Unkept
from stateflow.runtime.local.memory import MemoryDatabase
from stateflow.runtime.local.worker import Worker

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from stateflow.client.future import StateflowFuture
    from stateflow.core.ports import Database
    from stateflow.dataflow import Dataflow
    from stateflow.observer import Observer
    from stateflow.protocol.messages import Request
    from stateflow.runtime.local.answers import RequestExecutor
    from stateflow.runtime.local.engine import LocalEngine

__all__ = ["LocalClient", "LocalRuntime", "open_database"]

_log = logging.getLogger("stateflow.runtime")


class LocalRuntime(Runtime):
    """Run the dataflow in this process. Requests of all clients run one after another, in the order of their submission.

    ```python
    with LocalRuntime(stateflow.init(User, Item)) as runtime, runtime.client() as client:
        ann = client.create(User, "ann").get()
    ```

    Args:
        flow: the compiled classes.
        suspend_everywhere: suspend at every suspension point and take frames and states through bytes. Slow; results are the same.
        seed: makes request ids, and so what `random` and `uuid` answer inside methods, the same in every run; None draws them.
        clock: the time of a request, in nanoseconds since 1970.
        options: limits and time-outs.
        path: the file that keeps everything, made when it does not exist; without one, memory does, and it is gone with the runtime.
        database: keeps everything instead; for tests.
        executor: runs the requests instead of the engine's own; for tests.
        observer: watches requests and commits, such as `stateflow.observability.OpenTelemetryObserver`.

    Raises:
        DatabaseError: the file cannot be used; the kinds are `DatabaseInUse`, `DatabaseRefused` and `DatabaseDamaged`.
    """

    def __init__(
        self,
        flow: Dataflow,
        *,
        suspend_everywhere: bool = False,
        seed: int | None = None,
        clock: Callable[[], int] = time.time_ns,
        options: LocalOptions | None = None,
        path: str | os.PathLike[str] | None = None,
        database: Database | None = None,
        executor: RequestExecutor | None = None,
        observer: Observer | None = None,
    ) -> None:
        super().__init__(flow)
        self._observer = observer
        self._seed = seed
        self._clock = clock
        self._clients: list[LocalClient] = []
        self._client_count = 0
        self._options = options or LocalOptions()
        self._suspends = suspend_everywhere
        self._engine: LocalEngine | None = None
        self._opens = 1
        self._is_closed = False
        if executor is None:
            self._start(database or open_database(flow, path))
        else:
            self._worker = Worker(Unkept(executor), self._options)

    def _start(self, database: Database) -> None:
        """Run requests over a database from now on."""
        self._engine = _engine(self.flow, database, self._options, self._suspends, self._clock)
        self._opens = database.opens
        observed = self._engine if self._observer is None else self._observer.around(self._engine, self.sizes)
        self._worker = Worker(observed, self._options)

    def sizes(self) -> Sizes:
        """Return how much the engine holds now; callable from any thread."""
        engine = self._engine
        if engine is None:
            return Sizes(self._worker.waiting, 0, 0, 0, 0, 0)
        journal = engine.journal
        return Sizes(self._worker.waiting, journal.cached, journal.cached_bytes, journal.loads, journal.uses, engine.ledger.size)

    def run(self) -> None:
        """Return at once: the engine runs requests from the first one on, in a thread of its own."""

    def client(self, *, bind: bool = True, deadline_s: float | None = None) -> LocalClient:
        """Return a new client.

        Args:
            bind: bind the classes to it, so that `User("ann")` creates. False when another client in this process is bound.
            deadline_s: how long after its submission a request of this client may begin, in seconds; one that comes to its turn later
                is refused with `DeadlinePassed` and never run. None: any time.
        """
        self._client_count += 1
        client = LocalClient(
            self, bind=bind, clock=self._now_ns, request_prefix=self._prefix(), deadline_s=deadline_s, observer=self._observer
        )
        self._clients.append(client)
        return client

    def _prefix(self) -> str | None:
        if self._seed is None:
            return None
        # A file that is opened again knows the requests of the first time.
        again = f".{self._opens}" if self._opens > 1 else ""
        return f"{self._seed:x}{again}-{self._client_count}"

    def _now_ns(self) -> int:
        # A clock that was set back must not make new requests look like forgotten ones.
        return self._clock() if self._engine is None else max(self._clock(), self._engine.ledger.horizon_ns + 1)

    def close(self) -> None:
        """Close all clients, let the running request end, and fail the waiting ones with `ClientClosed`. May be called again.

        Raises:
            DatabaseError: the file could not be closed in order; what was replied is in it all the same.
        """
        for client in list(self._clients):
            client.close()
        self._worker.close()
        engine = self._engine
        if engine is None or self._is_closed:
            return
        if not self._worker.has_ended:
            _log.warning("a request is still running; its database stays open until the process ends")
            return
        self._is_closed = True
        if self._worker.has_crashed:
            engine.abandon()
        else:
            engine.close()

    def submit(self, client: LocalClient, request: Request) -> StateflowFuture[Any]:
        """Queue the request of a client; for `LocalClient.send`."""
        return self._worker.submit(request, client.references)

    def forget(self, client: LocalClient) -> None:
        """Drop a closed client; for `LocalClient.close`."""
        if client in self._clients:
            self._clients.remove(client)


class LocalClient(StateflowClient):
    """A client of the embedded engine; `LocalRuntime.client` makes it."""

    reads_many = True

    def __init__(
        self,
        runtime: LocalRuntime,
        *,
        bind: bool,
        clock: Callable[[], int],
        request_prefix: str | None,
        deadline_s: float | None = None,
        observer: Observer | None = None,
    ) -> None:
        self._runtime = runtime
        super().__init__(
            runtime.flow, bind=bind, clock=clock, request_prefix=request_prefix, deadline_s=deadline_s, observer=observer
        )

    def send(self, request: Request) -> StateflowFuture[Any]:
        """Queue a request in the engine."""
        return self._runtime.submit(self, request)

    def close(self) -> None:
        """Unbind the classes and send nothing more. Futures that wait for replies still get them."""
        super().close()
        self._runtime.forget(self)


def open_database(flow: Dataflow, path: str | os.PathLike[str] | None) -> Database:
    """Return the database in a file, or one in memory when there is no path."""
    if path is None:
        return MemoryDatabase()
    from stateflow.runtime.local.database import SqliteDatabase  # programs that keep nothing do without SQLite

    return SqliteDatabase(path, flow.by_name)


def _engine(
    flow: Dataflow, database: Database, options: LocalOptions, suspend_everywhere: bool, clock: Callable[[], int]
) -> LocalEngine:
    from stateflow.runtime.local.engine import LocalEngine  # runtimes that are given an executor do without the core

    try:
        return LocalEngine(flow, database, options, suspend_everywhere=suspend_everywhere, clock=clock)
    except BaseException:
        database.abandon()
        raise
