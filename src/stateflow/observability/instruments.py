"""The instruments, by the words of the glossary. Their attributes are names of classes, methods and errors, never keys or values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from opentelemetry.metrics import CallbackOptions, Meter, Observation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stateflow.observer import Sizes

__all__ = ["Instruments"]

# From a read in memory to a request that waits behind a long one.
_SECONDS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_REQUESTS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)

_GAUGES: Final = (
    ("stateflow.requests.waiting", "{request}", "Requests in the queue of the engine", "requests_waiting"),
    ("stateflow.cache.entities", "{entity}", "Entities in memory", "cached_entities"),
    ("stateflow.cache.size", "By", "What the entities in memory take, estimated", "cached_bytes"),
    ("stateflow.ledger.requests", "{request}", "Requests whose replies are kept", "ledger_requests"),
)
_COUNTERS: Final = (
    ("stateflow.cache.loads", "Uses of entities that were not in memory", "loads"),
    ("stateflow.cache.uses", "Uses of entities by requests without an exception, each entity once a request", "uses"),
)


class Instruments:
    """What is measured.

    Args:
        meter: makes the instruments.
        sizes: gives what each engine holds, when somebody asks.
    """

    def __init__(self, meter: Meter, sizes: Callable[[], Iterable[Sizes]]) -> None:
        self.requests = meter.create_counter("stateflow.requests", "{request}", "Requests that were answered")
        self.duration = meter.create_histogram(
            "stateflow.request.duration", "s", "From sending a request to its reply", explicit_bucket_boundaries_advisory=_SECONDS
        )
        self.commit_duration = meter.create_histogram(
            "stateflow.commit.duration", "s", "What a commit took, with its fsync", explicit_bucket_boundaries_advisory=_SECONDS
        )
        self.commit_requests = meter.create_histogram(
            "stateflow.commit.requests", "{request}", "Requests in one commit", explicit_bucket_boundaries_advisory=_REQUESTS
        )
        for name, unit, about, field in _GAUGES:
            meter.create_observable_gauge(name, [_sum_of(sizes, field)], unit, about)
        for name, about, field in _COUNTERS:
            meter.create_observable_counter(name, [_sum_of(sizes, field)], "{entity}", about)


def _sum_of(sizes: Callable[[], Iterable[Sizes]], field: str) -> Callable[[CallbackOptions], Iterator[Observation]]:
    def observe(_: CallbackOptions) -> Iterator[Observation]:
        yield Observation(sum(getattr(each, field) for each in sizes()))

    return observe
