"""Test entities without a server: a pytest plugin, a clock that tests move, and runtimes that crash on demand.

Install it with `pip install 'stateflow[testing]'`. pytest then finds the fixtures `stateflow_runtime`, `stateflow_client`,
`stateflow_flow` and `stateflow_clock` by itself; `docs/how-to/test-entities.md` shows them.

>>> from stateflow.testing import Clock
>>> clock = Clock()
>>> clock.advance(days=1)
>>> clock.now
datetime.datetime(2025, 1, 2, 12, 0, tzinfo=datetime.timezone.utc)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stateflow.testing.clock import Clock
    from stateflow.testing.crash_plan import Crash, crashes
    from stateflow.testing.restartable import RestartableRuntime

__all__ = ["Clock", "Crash", "RestartableRuntime", "crashes"]

# pytest imports this package in every project where StateFlow is installed: it loads nothing until something is used.
_LAZY = {
    "Clock": "stateflow.testing.clock",
    "Crash": "stateflow.testing.crash_plan",
    "RestartableRuntime": "stateflow.testing.restartable",
    "crashes": "stateflow.testing.crash_plan",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    value = getattr(import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
