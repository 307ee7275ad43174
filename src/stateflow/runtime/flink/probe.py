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

from stateflow.runtime.flink.loading import PYTHON, check_worker, load_classes

if TYPE_CHECKING:
    from pyflink.datastream import StreamExecutionEnvironment

    from stateflow.runtime.flink.loading import SubmittedClass

__all__ = ["PROBE_SETTINGS", "submit_probe"]

PROBE_SETTINGS = {"restart-strategy.type": "disable", "execution.checkpointing.interval": "1 h"}
_DISCARD = "org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink"


class Probe(MapFunction):
    """Loads the classes when it is opened.

    Args:
        classes: where workers find each entity class, and what it was when it was submitted.
    """

    def __init__(self, classes: tuple[SubmittedClass, ...]) -> None:
        self._classes = classes
        self._python = PYTHON

    def open(self, _: RuntimeContext) -> None:
        """Compile the classes."""
        check_worker(self._python)
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
