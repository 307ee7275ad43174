"""Submit StateFlow's job: `python -m benchmarks.flink.counter_job BROKERS JOBMANAGER`."""

from __future__ import annotations

import sys

import stateflow
from benchmarks.flink.counter import Counter
from stateflow.options import FlinkOptions, KafkaOptions
from stateflow.runtime.flink.pyflink import FlinkRuntime

if __name__ == "__main__":
    brokers, jobmanager = sys.argv[1:]
    options = FlinkOptions(kafka=KafkaOptions(brokers=brokers, application="counter"))
    print(FlinkRuntime(stateflow.init(Counter), options=options).submit(jobmanager))
