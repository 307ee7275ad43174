"""Deploy the shop as a job of Flink, in this process. Kafka has to run at localhost:9092: `stateflow dev kafka`."""

from demo_common import stateflow

from stateflow.runtime.flink.pyflink import FlinkRuntime

# Initialize stateflow
flow = stateflow.init()

runtime: FlinkRuntime = FlinkRuntime(flow)
runtime.run()
