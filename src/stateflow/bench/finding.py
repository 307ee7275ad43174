"""Looks for the highest rate whose p99 stays under a limit: from what many clients get, up or down, and then in between."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from stateflow.bench.load import Load
    from stateflow.bench.run import Measured, Session
    from stateflow.bench.workload import Workload

__all__ = ["Found", "HighestRate", "Try", "find_rate"]

_CLIENTS: Final = 256
"""Clients of the closed loop that says where to begin."""
_UP: Final = 1.3
_DOWN: Final = 0.75
_CLOSE: Final = 1.05
"""When the lowest rate that was not kept up is so near to the highest that was, the search ends."""
_TRIES: Final = 16
_NEAR: Final = 10.0
"""A p99 above the limit by less than this may come from a machine that was busy with something else: such a rate is tried once more."""
_DONE_SHARE: Final = 0.97
"""A rate is kept up when so much of it is answered; the rest is on its way at the end of the window."""


class Try(Struct, frozen=True, kw_only=True):
    """What one rate came to.

    Attributes:
        rate: requests that were due in a second.
        per_second: replies in a second.
        p50_ms: half of the latencies are below.
        p99_ms: 99 % of the latencies are below.
        errors: requests that ended with an error.
        is_kept: it was answered, without errors, and its p99 was under the limit.
        is_near: it was answered, without errors, and its p99 was above the limit by little.
    """

    rate: float
    per_second: float
    p50_ms: float
    p99_ms: float
    errors: int
    is_kept: bool
    is_near: bool


class HighestRate(Struct, frozen=True, kw_only=True):
    """What a search found.

    Attributes:
        p99_limit_ms: the limit.
        clients_per_second: what many clients get in a closed loop, where the search began.
        rate: the highest rate that was kept up; None when none of the tries was.
        tries: all rates that were measured, in their order.
    """

    p99_limit_ms: float
    clients_per_second: float
    rate: float | None
    tries: list[Try]


class Found(Struct, frozen=True):
    """A search that has ended: what it found, and the load of its highest rate, or of its last try where none was kept up."""

    highest: HighestRate
    measured: Measured


def find_rate(session: Session, load: Load, p99_limit_ms: float, source: Workload | None = None) -> Found:
    """Measure one rate after another; callers verify the states afterwards, before they show what is returned.

    Args:
        session: a filled session.
        load: for how long each rate is sent.
        p99_limit_ms: what the p99 must be under.
        source: another workload over the same entities, as in `Session.measure`.
    """
    by_clients = replace(load, rate=None, clients=_CLIENTS)
    closed = session.measure(by_clients, source)
    if not closed.numbers().per_second:
        # The machine was busy for a whole window, or the methods were still being compiled.
        closed = session.measure(by_clients, source)
    begin_per_second = closed.numbers().per_second
    tries: list[Try] = []
    best = last = closed
    rate: float | None = max(1.0, begin_per_second)
    while rate is not None and len(tries) < _TRIES:
        last = session.measure(replace(load, rate=round(rate, 1)), source)
        tries.append(_tried(last, p99_limit_ms))
        if tries[-1].is_kept and tries[-1].rate == _highest(tries):
            best = last
        rate = _next(tries)
    highest = _highest(tries)
    found = HighestRate(p99_limit_ms=p99_limit_ms, clients_per_second=begin_per_second, rate=highest, tries=tries)
    return Found(found, last if highest is None else best)


def _tried(measured: Measured, p99_limit_ms: float) -> Try:
    numbers, rate = measured.numbers(), measured.load.rate
    assert rate is not None
    latency, errors = numbers.latency["all"], measured.recorder.errors.total()
    answered = errors == 0 and numbers.per_second >= _DONE_SHARE * rate
    kept = answered and latency.p99_ms < p99_limit_ms
    return Try(
        rate=rate, per_second=numbers.per_second, p50_ms=latency.p50_ms, p99_ms=latency.p99_ms, errors=errors, is_kept=kept,
        is_near=answered and not kept and latency.p99_ms < _NEAR * p99_limit_ms,
    )  # fmt: skip


def _highest(tries: list[Try]) -> float | None:
    return max((each.rate for each in tries if each.is_kept), default=None)


def _next(tries: list[Try]) -> float | None:
    """Return the rate to try after these; None when they have said enough."""
    last, rates = tries[-1], [each.rate for each in tries]
    if last.is_near and rates.count(last.rate) == 1:
        return last.rate
    low = _highest(tries)
    # Below the highest rate that was kept up, one that was not says that the machine was busy meanwhile.
    high = min((each.rate for each in tries if not each.is_kept and each.rate > (low or 0.0)), default=None)
    if low is None:
        lower = last.rate * (_DOWN if len(set(rates)) <= 2 else _DOWN**2)
        return lower if lower >= 1.0 else None
    if high is None:
        return low * _UP
    return math.sqrt(low * high) if high > low * _CLOSE else None
