"""What OpenTelemetry is told: each request, its execution, its commit, sizes; never what a user's data could be in."""

from __future__ import annotations

import gc
import logging
from typing import TYPE_CHECKING, Any

import pytest

import stateflow

pytest.importorskip("opentelemetry.sdk")
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from stateflow.observability import OpenTelemetryObserver
from stateflow.runtime.local import LocalRuntime

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from opentelemetry.sdk.trace import ReadableSpan

CANARY = "canary-7d1f"


@stateflow.entity
class Safe:
    def __init__(self, name: str, content: str) -> None:
        self.name, self.content = name, content

    def __key__(self) -> str:
        return self.name

    def swap(self, content: str) -> str:
        before, self.content = self.content, content
        return before

    def fail(self, why: str) -> None:
        raise ValueError(why, self.content)


class Seen:
    """What an SDK collected."""

    def __init__(self) -> None:
        self._spans = InMemorySpanExporter()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self._reader = InMemoryMetricReader()
        self.observer = OpenTelemetryObserver(self.tracers, MeterProvider([self._reader]))

    def spans(self, name: str) -> list[ReadableSpan]:
        return [span for span in self._spans.get_finished_spans() if span.name == name]

    def everything(self) -> str:
        data = self._reader.get_metrics_data()
        return "".join(span.to_json() for span in self._spans.get_finished_spans()) + ("" if data is None else data.to_json())

    def points(self, name: str) -> list[Any]:
        data = self._reader.get_metrics_data()
        assert data is not None
        metrics = [metric for each in data.resource_metrics for scope in each.scope_metrics for metric in scope.metrics]
        return [point for metric in metrics if metric.name == name for point in metric.data.data_points]


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def runtime(seen: Seen, tmp_path: Path) -> Iterator[LocalRuntime]:
    with LocalRuntime(stateflow.init(Safe), path=tmp_path / "safe.db", observer=seen.observer) as runtime:
        yield runtime


def test_execution_is_a_child_of_the_request_and_the_commit_links_to_it(seen: Seen, runtime: LocalRuntime) -> None:
    with runtime.client(bind=False) as client:
        client.create(Safe, "a", "x").get()
        client.call(Safe.swap, client.ref(Safe, "a"), "y").get()
    (request,), (execution,) = seen.spans("Safe.swap"), seen.spans("execute Safe.swap")
    assert request.kind is SpanKind.CLIENT
    assert execution.parent == request.context
    assert [link.context for link in seen.spans("commit")[-1].links] == [execution.context]


def test_request_is_a_child_of_the_span_that_is_current_where_it_is_sent(seen: Seen, runtime: LocalRuntime) -> None:
    with runtime.client(bind=False) as client, seen.tracers.get_tracer("test").start_as_current_span("outer") as outer:
        client.create(Safe, "a", "x").get()
    (request,) = seen.spans("create Safe")
    assert request.parent == outer.get_span_context()


def test_requests_are_counted_and_timed_by_class_method_and_outcome(seen: Seen, runtime: LocalRuntime) -> None:
    with runtime.client(bind=False) as client:
        safe = client.create(Safe, "a", "x").get()
        for _ in range(3):
            client.call(Safe.swap, safe, "y").get()
        with pytest.raises(ValueError, match="why"):
            client.call(Safe.fail, safe, "why").get()
        with pytest.raises(stateflow.EntityNotFound):
            client.call(Safe.swap, client.ref(Safe, "none"), "y").get()
    names = ("method", "outcome", "error.type")
    found = {tuple(point.attributes.get(name) for name in names): point.value for point in seen.points("stateflow.requests")}
    assert found == {
        ("", "done", None): 1,
        ("swap", "done", None): 3,
        ("fail", "raised", "ValueError"): 1,
        ("swap", "refused", "EntityNotFound"): 1,
    }
    assert sum(point.count for point in seen.points("stateflow.request.duration")) == 6
    assert [span.status.status_code for span in seen.spans("Safe.fail")] == [StatusCode.ERROR]


def test_commits_tell_how_many_requests_they_hold(seen: Seen, runtime: LocalRuntime) -> None:
    with runtime.client(bind=False) as client:
        for future in [client.create(Safe, str(number), "x") for number in range(50)]:
            future.get()
    (requests,), (duration,) = seen.points("stateflow.commit.requests"), seen.points("stateflow.commit.duration")
    assert requests.sum == 50
    assert requests.count == duration.count <= 50
    assert duration.sum > 0


def test_sizes_of_queue_cache_and_ledger_are_those_of_the_engine(seen: Seen, runtime: LocalRuntime) -> None:
    with runtime.client(bind=False) as client:
        for future in [client.create(Safe, str(number), "x") for number in range(7)]:
            future.get()
    names = ("cache.entities", "cache.loads", "ledger.requests", "requests.waiting")
    found = {name: seen.points(f"stateflow.{name}")[0].value for name in names}
    assert found == {"cache.entities": 7, "cache.loads": 7, "ledger.requests": 7, "requests.waiting": 0}
    assert seen.points("stateflow.cache.size")[0].value > 0


def test_uses_of_entities_are_counted_once_a_request_and_loads_where_memory_had_none(seen: Seen, runtime: LocalRuntime) -> None:
    with runtime.client(bind=False) as client:
        safes = [client.create(Safe, str(number), "x").get() for number in range(3)]
        for safe in safes:
            client.call(Safe.swap, safe, "y").get()
            client.state(safe).get()
        with pytest.raises(ValueError, match="why"):
            client.call(Safe.fail, safes[0], "why").get()
    found = {name: seen.points(f"stateflow.cache.{name}")[0].value for name in ("uses", "loads")}
    assert found == {"uses": 9, "loads": 3}


def test_engine_that_is_gone_is_no_longer_counted(seen: Seen) -> None:
    with LocalRuntime(stateflow.init(Safe), observer=seen.observer) as runtime, runtime.client(bind=False) as client:
        client.create(Safe, "a", "x").get()
    del runtime, client
    gc.collect()
    assert seen.points("stateflow.cache.entities")[0].value == 0


def test_neither_spans_metrics_nor_logs_hold_keys_arguments_states_or_messages(
    seen: Seen, runtime: LocalRuntime, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError(CANARY)

    with caplog.at_level(logging.DEBUG), runtime.client(bind=False) as client:
        safe = client.create(Safe, f"key-{CANARY}", f"state-{CANARY}").get()
        swapped = client.call(Safe.swap, safe, f"argument-{CANARY}")
        swapped.add_done_callback(fail)
        assert CANARY in swapped.get()
        forgotten = client.call(Safe.fail, safe, f"message-{CANARY}")
        # Orders this after the reply that nobody asks for.
        client.state(safe).get()
        assert forgotten.error_type is ValueError
        del forgotten
        gc.collect()
    assert "nobody asked" in caplog.text
    assert "a callback of request" in caplog.text
    assert "ValueError" in caplog.text
    assert CANARY not in caplog.text + seen.everything()


def test_without_an_sdk_requests_go_on_as_before() -> None:
    with LocalRuntime(stateflow.init(Safe), observer=OpenTelemetryObserver()) as runtime, runtime.client(bind=False) as client:
        safe = client.create(Safe, "a", "x").get()
        assert client.call(Safe.swap, safe, "y").get() == "x"
