"""Submit the job of `money`: `python -m tests.integration.flink.money_job BROKERS JOBMANAGER APPLICATION [CHECKPOINT_INTERVAL_MS]`."""

from __future__ import annotations

import sys

import stateflow
from stateflow.options import FlinkOptions, KafkaOptions
from stateflow.runtime.flink.pyflink import FlinkRuntime
from tests.integration.flink.money import Account, Counter, Item

if __name__ == "__main__":
    brokers, jobmanager, application, *interval_ms = sys.argv[1:]
    options = FlinkOptions(
        kafka=KafkaOptions(brokers=brokers, application=application, replication=len(brokers.split(","))),
        parallelism=2,
        checkpoint_interval_ms=int(interval_ms[0]) if interval_ms else 1000,
    )
    print(FlinkRuntime(stateflow.init(Account, Counter, Item), options=options).submit(jobmanager))
