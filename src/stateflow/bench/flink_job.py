"""Submit the job of a workload to Flink: `python -m stateflow.bench.flink_job WORKLOAD BROKERS JOBMANAGER`.

In a process of its own, since PyFlink starts a Java process for what it submits.
"""

from __future__ import annotations

import sys

import stateflow
from stateflow.bench.workloads import WORKLOADS
from stateflow.errors import StateflowError
from stateflow.options import FlinkOptions, KafkaOptions

__all__ = ["main"]


def main() -> None:
    """Submit the job, and print its id."""
    from stateflow.runtime.flink.pyflink import FlinkRuntime

    name, brokers, jobmanager = sys.argv[1:]
    options = FlinkOptions(kafka=KafkaOptions(brokers=brokers, application=name))
    try:
        print(FlinkRuntime(stateflow.init(*WORKLOADS[name].classes), options=options).submit(jobmanager))
    except StateflowError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
