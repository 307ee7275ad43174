"""Submit StateFlow's job: `python -m benchmarks.flink.counter_job BROKERS JOBMANAGER [NAME=VALUE ...]`, with settings of Flink.

`profile=FILE` among them lets the worker write a profile there.
"""

from __future__ import annotations

import sys

import stateflow
from benchmarks.flink.counter import Counter
from benchmarks.flink.profiled import ProfiledRuntime
from stateflow.options import FlinkOptions, KafkaOptions
from stateflow.runtime.flink.pyflink import FlinkRuntime

if __name__ == "__main__":
    brokers, jobmanager, *given = sys.argv[1:]
    settings = dict(each.split("=", 1) for each in given)
    profile = settings.pop("profile", "")
    options = FlinkOptions(kafka=KafkaOptions(brokers=brokers, application="counter"), settings=settings)
    runtime = (ProfiledRuntime if profile else FlinkRuntime)(stateflow.init(Counter), options=options)
    if isinstance(runtime, ProfiledRuntime):
        runtime.profile = profile
    print(runtime.submit(jobmanager))
