"""The metrics as a page that Prometheus reads."""

from __future__ import annotations

from typing import Final

from stateflow.errors import MissingExtra
from stateflow.observability.observer import OpenTelemetryObserver

__all__ = ["PrometheusPage"]

_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class PrometheusPage:
    """An observer, and a page with what it measured.

    ```py
    page = PrometheusPage()
    http = LocalFastAPIClient(flow, path="shop.db", observer=page.observer)
    app = http.get_app(metrics=page)
    ```

    Attributes:
        observer: what measures.
        media_type: the type of the page.

    Raises:
        MissingExtra: the exporter is not installed.
    """

    media_type = _TYPE

    def __init__(self) -> None:
        try:
            from opentelemetry.exporter.prometheus import PrometheusMetricReader
            from opentelemetry.sdk.metrics import MeterProvider
            from prometheus_client import GC_COLLECTOR, PLATFORM_COLLECTOR, PROCESS_COLLECTOR, CollectorRegistry
        except ImportError as error:
            raise MissingExtra(
                f"SF541: the metrics page needs {error.name}, which is not installed; run: pip install 'stateflow[observability]'"
            ) from error
        # One of its own, as two apps of one process have two pages.
        self._registry = CollectorRegistry()
        for collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
            self._registry.register(collector)
        self._provider = MeterProvider([PrometheusMetricReader(scope_info_enabled=False, registry=self._registry)])
        self.observer = OpenTelemetryObserver(meter_provider=self._provider)

    def render(self) -> bytes:
        """Return the page as it is now, in Prometheus' text format."""
        from prometheus_client import generate_latest

        return generate_latest(self._registry)
