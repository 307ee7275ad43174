"""How a job by hand is submitted: over the same topics, with the same connectors and settings as a job of StateFlow."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pyflink.common import Types, WatermarkStrategy

from stateflow.client.kafka.topics import open_topics
from stateflow.options import FlinkOptions, KafkaOptions
from stateflow.runtime.flink.connectors import log_source, record_sink
from stateflow.runtime.flink.environments import remote_environment
from stateflow.runtime.flink.job_settings import job_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from pyflink.datastream import DataStream

__all__ = ["submit"]


def submit(module: ModuleType, counted: Callable[[DataStream, int], DataStream]) -> None:
    """Submit a job to what the command line names, `BROKERS JOBMANAGER [NAME=VALUE ...]` with settings of Flink, and print its id.

    Args:
        module: where workers find the functions of the job; its topics have the name of it.
        counted: makes replies of the log, which has so many partitions.
    """
    brokers, jobmanager, *settings = sys.argv[1:]
    name = module.__name__.rpartition(".")[2]
    kafka = KafkaOptions(brokers=brokers, application=name, reply_partitions=1)
    options = FlinkOptions(kafka=kafka, settings=dict(each.split("=", 1) for each in settings))
    environment = remote_environment(jobmanager, job_settings(options, [module.__name__]))
    topics = open_topics(kafka)
    source = log_source(brokers, topics.log, topics.partitions, {}, name)
    log = environment.from_source(source, WatermarkStrategy.no_watermarks(), "log", Types.PRIMITIVE_ARRAY(Types.BYTE()))
    counted(log, topics.partitions).sink_to(record_sink(brokers, topics.replies, {}))
    print(environment.execute_async(name.replace("_", " ")).get_job_id())
