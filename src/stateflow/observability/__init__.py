"""Traces and metrics by OpenTelemetry, and a page for Prometheus.

```py
runtime = LocalRuntime(flow, path="shop.db", observer=OpenTelemetryObserver())
```
"""

from __future__ import annotations

from stateflow.errors import MissingExtra

try:
    import opentelemetry.metrics
    import opentelemetry.trace  # noqa: F401
except ImportError as error:
    raise MissingExtra(
        "SF541: traces and metrics need opentelemetry-api, which is not installed; run: pip install 'stateflow[observability]'"
    ) from error

from stateflow.observability.observer import OpenTelemetryObserver
from stateflow.observability.prometheus import PrometheusPage

__all__ = ["OpenTelemetryObserver", "PrometheusPage"]
