"""A small job before the real one: it loads the classes in every free slot of a cluster, and ends.

A class that workers cannot load is found while nothing has been written. What is left is a cluster whose workers, also the spare ones,
have Python and the classes at hand, so that they take over sooner when another is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyflink.common import Types, WatermarkStrategy
from pyflink.datastream import MapFunction, RuntimeContext
from pyflink.datastream.connectors.base import Sink
from pyflink.datastream.connectors.number_seq import NumberSequenceSource

from stateflow.runtime.flink.loading import SUBMITTER, check_worker, load_classes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyflink.datastream import StreamExecutionEnvironment

    from stateflow.runtime.flink.loading import SubmittedClass

__all__ = ["probe_settings", "submit_probe"]

_DISCARD = "org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink"


def probe_settings(job: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of the probe of a job with such settings: it is not saved, and not started again."""
    # A part of a job that is saved ends with its next checkpoint. Flink begins one when all parts have had their last number, but that one
    # fails when one of them is gone before it comes, and then the others would wait for the interval.
    kept = {name: value for name, value in job.items() if name != "execution.checkpointing.interval"}
    return {**kept, "restart-strategy.type": "disable"}


class Probe(MapFunction):
    """Loads the classes when it is opened.

    Args:
        classes: where workers find each entity class, and what it was when it was submitted.
    """

    def __init__(self, classes: tuple[SubmittedClass, ...]) -> None:
        self._classes = classes
        self._submitter = SUBMITTER

    def open(self, _: RuntimeContext) -> None:
        """Compile the classes."""
        check_worker(self._submitter)
        load_classes(self._classes).prepare()

    def map(self, value: int) -> int:
        """Pass on a number."""
        return value


def submit_probe(environment: StreamExecutionEnvironment, name: str, classes: tuple[SubmittedClass, ...], slots: int) -> str:
    """Submit the job; return its id.

    Args:
        environment: the cluster.
        name: what Flink calls it.
        classes: what to load.
        slots: in how many slots.
    """
    environment.set_parallelism(slots)
    numbers = environment.from_source(NumberSequenceSource(1, slots), WatermarkStrategy.no_watermarks(), "numbers", Types.LONG())
    numbers.map(Probe(classes), Types.LONG()).sink_to(Sink(_DISCARD))
    return str(environment.execute_async(name).get_job_id())
