"""What happened to the requests of a run: latencies in histograms of high dynamic range, aborts and errors by kind."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Final

from hdrh.histogram import HdrHistogram
from msgspec import Struct

from stateflow.bench.workload import Ask, Tally
from stateflow.errors import ClientClosed, CommitFailed, OutcomeUnknown

__all__ = ["Latency", "Recorder", "Window"]

_MOST_US: Final = 120_000_000
"""Two minutes: longer than any run waits for a reply."""
_DIGITS: Final = 3
_REFUSED = "refused"


class Latency(Struct, frozen=True, kw_only=True):
    """Latencies of one kind of request, in milliseconds."""

    count: int
    mean_ms: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float


class Window(Struct, frozen=True):
    """The steady part of a run, on the clock of the event loop, in seconds."""

    begin: float
    end: float


class Recorder:
    """Collects the outcome of each request. What is due, or replied to, in the window counts in numbers; everything counts in the tally.

    Args:
        window: the steady part.
        tally: counts what was acknowledged.
    """

    def __init__(self, window: Window, tally: Tally) -> None:
        self._window = window
        self._tally = tally
        self._histograms: defaultdict[str, HdrHistogram] = defaultdict(lambda: HdrHistogram(1, _MOST_US, _DIGITS))
        self._lateness = HdrHistogram(1, _MOST_US, _DIGITS)
        self.aborts: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.replies = 0
        self.replies_in_window = 0

    def sent(self, due: float, now: float) -> None:
        """Note how late a request was sent."""
        if self._window.begin <= due < self._window.end:
            self._lateness.record_value(_us(now - due))

    def replied(self, ask: Ask, value: object, due: float, now: float) -> None:
        """Note a reply."""
        if value is False:
            self.aborts[f"{ask.kind}: {_REFUSED}"] += 1
        else:
            self._tally.acknowledge(ask.effects)
        if ask.abort is not None:
            self.errors[f"{ask.kind}: no {ask.abort.__name__}"] += 1
        self._answered(ask, due, now)

    def failed(self, ask: Ask, error: BaseException, due: float, now: float) -> None:
        """Note an exception: an abort where it is what the request is meant to end with, else an error."""
        name = f"{ask.kind}: {type(error).__name__}"
        if ask.abort is not None and isinstance(error, ask.abort):
            self.aborts[name] += 1
            self._answered(ask, due, now)
            return
        self.errors[name] += 1
        if isinstance(error, OutcomeUnknown | CommitFailed | ClientClosed):
            self._tally.doubt(ask.effects)

    def unanswered(self, ask: Ask) -> None:
        """Note a request that nobody waits for any more."""
        self.errors[f"{ask.kind}: no reply"] += 1
        self._tally.doubt(ask.effects)

    def _answered(self, ask: Ask, due: float, now: float) -> None:
        window = self._window
        self.replies += 1
        self.replies_in_window += window.begin <= now < window.end
        if window.begin <= due < window.end:
            self._histograms[ask.kind].record_value(_us(now - due))

    def latencies(self) -> dict[str, Latency]:
        """Return the latencies of each kind, and of all."""
        everything = HdrHistogram(1, _MOST_US, _DIGITS)
        for histogram in self._histograms.values():
            everything.add(histogram)
        return {kind: _latency(found) for kind, found in [("all", everything), *sorted(self._histograms.items())]}

    def late(self) -> Latency:
        """Return how late requests were sent."""
        return _latency(self._lateness)


def _us(seconds: float) -> int:
    return min(_MOST_US, max(1, round(seconds * 1e6)))


def _latency(found: HdrHistogram) -> Latency:
    p50, p90, p99, p999 = (found.get_value_at_percentile(percentile) / 1000 for percentile in (50, 90, 99, 99.9))
    return Latency(
        count=found.get_total_count(), mean_ms=round(found.get_mean_value() / 1000, 3), p50_ms=p50, p90_ms=p90, p99_ms=p99, p999_ms=p999,
        max_ms=found.get_max_value() / 1000,
    )  # fmt: skip
