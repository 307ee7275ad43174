"""An observer that tells OpenTelemetry about requests, their execution and commits."""

from __future__ import annotations

import time
import weakref
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode, set_span_in_context

import stateflow
from stateflow.errors import StateflowError
from stateflow.observability.instruments import Instruments
from stateflow.protocol.messages import Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

    from stateflow.client.future import StateflowFuture
    from stateflow.observer import Sizes
    from stateflow.protocol.messages import Request
    from stateflow.references import ReferenceTable
    from stateflow.runtime.local.answers import Answer, Engine

__all__ = ["OpenTelemetryObserver"]

_COMMIT_LINKS: Final = 128
"""Links of a commit's span to the requests in it; exporters keep as many by default."""


class OpenTelemetryObserver:
    """Tells of every request: a span from sending to reply, one for its execution, one for the commit that made it durable, and metrics.

    Without an SDK all of it does nothing. Spans and metrics name classes, methods and types of errors; they hold no key, argument, state or
    message.

    Args:
        tracer_provider: makes the spans; the process-wide one without it.
        meter_provider: makes the metrics; the process-wide one without it.
    """

    def __init__(self, tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None) -> None:
        self._tracer = trace.get_tracer("stateflow", stateflow.__version__, tracer_provider)
        self._engines: weakref.WeakSet[_ObservedEngine] = weakref.WeakSet()
        self.instruments = Instruments(metrics.get_meter("stateflow", stateflow.__version__, meter_provider), self._sizes)
        self._contexts: dict[str, Context] = {}

    def send(self, request: Request, send: Callable[[Request], StateflowFuture[Any]]) -> StateflowFuture[Any]:
        """Send a request; its span is a child of the one that is current here."""
        attributes = _attributes(request)
        named = {**attributes, "stateflow.request_id": request.request_id}
        span = self._tracer.start_span(_name(request), kind=SpanKind.CLIENT, attributes=named)
        if span.is_recording():
            self._contexts[request.request_id] = set_span_in_context(span)
        begin_s = time.perf_counter()

        def end(future: StateflowFuture[Any]) -> None:
            self._end(request.request_id, span, attributes, begin_s, future.error_type)

        try:
            future = send(request)
        except BaseException as error:
            self._end(request.request_id, span, attributes, begin_s, type(error))
            raise
        future.add_done_callback(end)
        return future

    def around(self, engine: Engine, sizes: Callable[[], Sizes]) -> Engine:
        """Return an engine whose executions and commits are told of."""
        observed = _ObservedEngine(self, engine, sizes)
        self._engines.add(observed)
        return observed

    def execution(self, request: Request) -> Span:
        """Begin the span of an execution."""
        return self._tracer.start_span(f"execute {_name(request)}", self._contexts.get(request.request_id), attributes=_attributes(request))

    def commit(self, spans: list[Span]) -> Span:
        """Begin the span of a commit, linked to the executions whose effects it makes durable."""
        links = [Link(span.get_span_context()) for span in spans[:_COMMIT_LINKS]]
        # The commit is of many requests, so it is a child of none.
        return self._tracer.start_span("commit", Context(), links=links)

    def _end(self, request_id: str, span: Span, attributes: dict[str, str], begin_s: float, error: type[BaseException] | None) -> None:
        self._contexts.pop(request_id, None)
        told = {**attributes, "outcome": _outcome(error)}
        if error is not None:
            told["error.type"] = _error_name(error)
            fail(span, error)
        span.end()
        self.instruments.requests.add(1, told)
        self.instruments.duration.record(time.perf_counter() - begin_s, told)

    def _sizes(self) -> Iterator[Sizes]:
        for engine in list(self._engines):
            yield engine.sizes()


class _ObservedEngine:
    """An engine whose executions and commits an observer is told of."""

    def __init__(self, observer: OpenTelemetryObserver, engine: Engine, sizes: Callable[[], Sizes]) -> None:
        self._observer = observer
        self._engine = engine
        self.sizes = sizes
        self._waiting: list[Span] = []
        # The worker asks these for each request, and they are nothing to tell of.
        self.fetch = engine.fetch
        self.is_read = engine.is_read
        self.must_commit = engine.must_commit

    def answer(self, request: Request, references: ReferenceTable) -> Answer | None:
        """Carry a request out."""
        span = self._observer.execution(request)
        try:
            answer = self._engine.answer(request, references)
            if answer is not None and answer.reply.error is not None:
                fail(span, type(answer.reply.error))
        finally:
            span.end()
        if answer is not None and not answer.at_once:
            self._waiting.append(span)
        return answer

    def commit(self) -> None:
        """Make everything durable that was answered so far."""
        spans, self._waiting = self._waiting, []
        if not spans:
            self._engine.commit()
            return
        span, begin_s = self._observer.commit(spans), time.perf_counter()
        try:
            self._engine.commit()
        except BaseException as error:
            fail(span, type(error))
            raise
        finally:
            span.end()
            self._observer.instruments.commit_duration.record(time.perf_counter() - begin_s)
            self._observer.instruments.commit_requests.record(len(spans))

    def discard(self) -> None:
        """Throw away what is not durable."""
        self._waiting = []
        self._engine.discard()


def fail(span: Span, error: type[BaseException]) -> None:
    """Mark a span as failed, by the type of an exception alone."""
    span.set_attribute("error.type", _error_name(error))
    span.set_status(Status(StatusCode.ERROR))


def _name(request: Request) -> str:
    operation = request.operation
    return f"{request.class_name}.{request.name}" if operation is Operation.CALL else f"{operation.value} {request.class_name}".strip()


def _attributes(request: Request) -> dict[str, str]:
    # Names of attributes may be made up while a program runs; those of methods are the classes' own.
    method = request.name if request.operation is Operation.CALL else ""
    return {"class": request.class_name, "method": method, "operation": request.operation.value}


def _outcome(error: type[BaseException] | None) -> str:
    if error is None:
        return "done"
    return "refused" if issubclass(error, StateflowError) else "raised"


def _error_name(error: type[BaseException]) -> str:
    return error.__qualname__
