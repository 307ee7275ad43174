"""What observing costs: `python -m benchmarks.observing`. Prints JSON: the same transfers without, with an idle and with a real observer.

They take turns in one process, over files of their own, and each counts its best turn by the time of the process on a core.
"""

from __future__ import annotations

import json
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.trace import NoOpTracerProvider

import stateflow
from benchmarks.durable import Account
from stateflow.observability import OpenTelemetryObserver
from stateflow.runtime.local import LocalRuntime

if TYPE_CHECKING:
    from stateflow.client import StateflowClient

_TURNS = 5
_TRANSFERS = 2_000


def _transfers(client: StateflowClient) -> float:
    """Return the time of a core that a transfer takes, in microseconds."""
    ann, bob = client.ref(Account, "ann"), client.ref(Account, "bob")
    begin_s = time.process_time()
    for future in [client.call(Account.transfer, ann, bob, 1) for _ in range(_TRANSFERS)]:
        assert future.get(60)
    return (time.process_time() - begin_s) / _TRANSFERS * 1e6


def main() -> None:
    """Print the results."""
    observers = {
        "without": None,
        "without_an_sdk": OpenTelemetryObserver(NoOpTracerProvider(), NoOpMeterProvider()),
        "with_metrics": OpenTelemetryObserver(NoOpTracerProvider(), MeterProvider([InMemoryMetricReader()])),
    }
    best: dict[str, float] = {}
    with ExitStack() as stack:
        folder, clients = Path(stack.enter_context(tempfile.TemporaryDirectory())), {}
        for name, observer in observers.items():
            runtime = stack.enter_context(LocalRuntime(stateflow.init(Account), path=folder / f"{name}.db", observer=observer))
            clients[name] = stack.enter_context(runtime.client(bind=False))
            for owner in ("ann", "bob"):
                clients[name].create(Account, owner, 1_000_000).get(60)
        for _ in range(_TURNS):
            for name, client in clients.items():
                best[name] = min(best.get(name, float("inf")), _transfers(client))
    print(json.dumps({"core_us_a_transfer": {name: round(value, 1) for name, value in best.items()}}, indent=2))


if __name__ == "__main__":
    main()
