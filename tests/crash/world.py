"""A world whose runtime keeps its state in a file, and whose requests have the same ids and times in every run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.core.root import is_read
from stateflow.runtime.local import LocalClient, LocalRuntime
from tests.judge.compiled import CompiledWorld

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    from stateflow.client import StateflowFuture
    from stateflow.dataflow import Dataflow
    from stateflow.options import LocalOptions
    from stateflow.protocol.messages import Request

__all__ = ["DurableWorld", "RepeatingClient"]

_NOW_NS = 1_735_732_800_000_000_000


class RepeatingClient(LocalClient):
    """A client that sends the requests of its script with the same ids in every run."""

    def __init__(self, runtime: LocalRuntime) -> None:
        super().__init__(runtime, bind=True, clock=lambda: _NOW_NS, request_prefix="script")
        self.sent: list[tuple[Request, StateflowFuture[Any]]] = []

    def send(self, request: Request) -> StateflowFuture[Any]:
        future = super().send(request)
        self.sent.append((request, future))
        return future

    def acknowledged(self) -> list[str]:
        """Return the ids of the requests that were answered and that could change something."""
        return [request.request_id for request, future in self.sent if future.done() and not self._is_read(request)]

    def _is_read(self, request: Request) -> bool:
        return is_read(self.flow, request.operation, request.class_name, request.name)


class DurableWorld(CompiledWorld):
    """Runs root requests on a `LocalRuntime` over a file. Use it in a `with` block."""

    def __init__(self, flow: Dataflow, path: Path, options: LocalOptions | None = None) -> None:
        self._runtime = LocalRuntime(flow, path=path, options=options, clock=lambda: _NOW_NS)
        self.client = RepeatingClient(self._runtime)
        super().__init__(self.client)

    def forgotten(self, request_ids: list[str]) -> list[str]:
        """Return those of the requests that the ledger does not know."""
        engine = self._runtime._engine
        assert engine is not None
        return [request_id for request_id in request_ids if engine.ledger.entry(request_id) is None]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self._runtime.close()
