"""Submit the job of `money`: `python -m tests.integration.flink.money_job BROKERS JOBMANAGER [SAVEPOINT]`; prints its id."""

from __future__ import annotations

import sys

import stateflow
from stateflow.options import FlinkOptions, KafkaOptions
from stateflow.runtime.flink.pyflink import FlinkRuntime
from tests.integration.flink.money import Account, Counter

if __name__ == "__main__":
    brokers, jobmanager, *savepoint = sys.argv[1:]
    options = FlinkOptions(kafka=KafkaOptions(brokers=brokers, application="money"), parallelism=2)
    print(FlinkRuntime(stateflow.init(Account, Counter), options=options).submit(jobmanager, *savepoint))
