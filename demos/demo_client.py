"""Buy something in the shop that `demo_runtime.py` has deployed."""

from demo_common import User, stateflow

from stateflow.client.kafka_client import StateflowClient, StateflowFuture, StateflowKafkaClient

# Initialize stateflow
flow = stateflow.init()
client: StateflowClient = StateflowKafkaClient(flow, brokers="localhost:9092", statefun_mode=False)

future_user: StateflowFuture[User] = User("new-user")
user: User = future_user.get()

user.update_balance(10).get()
