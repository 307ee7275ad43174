"""The embedded engine and its client."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from stateflow.client.base import StateflowClient
from stateflow.options import LocalOptions
from stateflow.runtime.base import Runtime
from stateflow.runtime.local.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.client.future import StateflowFuture
    from stateflow.dataflow import Dataflow
    from stateflow.protocol.messages import Request
    from stateflow.runtime.local.worker import RequestExecutor

__all__ = ["LocalClient", "LocalRuntime"]


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
        executor: runs the requests instead of the engine's own; for tests.
    """

    def __init__(
        self,
        flow: Dataflow,
        *,
        suspend_everywhere: bool = False,
        seed: int | None = None,
        clock: Callable[[], int] = time.time_ns,
        options: LocalOptions | None = None,
        executor: RequestExecutor | None = None,
    ) -> None:
        super().__init__(flow)
        self._seed = seed
        self._clock = clock
        self._clients: list[LocalClient] = []
        self._client_count = 0
        self._worker = Worker(executor or _engine(flow, suspend_everywhere), options or LocalOptions())

    def run(self) -> None:
        """Return at once: the engine runs requests from the first one on, in a thread of its own."""

    def client(self, *, bind: bool = True) -> LocalClient:
        """Return a new client.

        Args:
            bind: bind the classes to it, so that `User("ann")` creates. False when another client in this process is bound.
        """
        self._client_count += 1
        prefix = None if self._seed is None else f"{self._seed:x}-{self._client_count}"
        client = LocalClient(self, bind=bind, clock=self._clock, request_prefix=prefix)
        self._clients.append(client)
        return client

    def close(self) -> None:
        """Close all clients, let the running request end, and fail the waiting ones with `ClientClosed`. May be called again."""
        for client in list(self._clients):
            client.close()
        self._worker.close()

    def submit(self, client: LocalClient, request: Request) -> StateflowFuture[Any]:
        """Queue the request of a client; for `LocalClient.send`."""
        return self._worker.submit(request, client.references)

    def forget(self, client: LocalClient) -> None:
        """Drop a closed client; for `LocalClient.close`."""
        if client in self._clients:
            self._clients.remove(client)


class LocalClient(StateflowClient):
    """A client of the embedded engine; `LocalRuntime.client` makes it."""

    def __init__(self, runtime: LocalRuntime, *, bind: bool, clock: Callable[[], int], request_prefix: str | None) -> None:
        self._runtime = runtime
        super().__init__(runtime.flow, bind=bind, clock=clock, request_prefix=request_prefix)

    def send(self, request: Request) -> StateflowFuture[Any]:
        """Queue a request in the engine."""
        return self._runtime.submit(self, request)

    def close(self) -> None:
        """Unbind the classes and send nothing more. Futures that wait for replies still get them."""
        super().close()
        self._runtime.forget(self)


def _engine(flow: Dataflow, suspend_everywhere: bool) -> RequestExecutor:
    from stateflow.core.executor import Executor  # runtimes that are given an executor do without the core

    return Executor(flow, suspend_everywhere=suspend_everywhere)
