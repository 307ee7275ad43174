"""Run the shop on a real Flink behind a real Kafka, on this machine: start both, deploy, buy, stop everything."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from demo_common import Item, NotEnoughBalance, User, stateflow

from stateflow.client.kafka_client import StateflowKafkaClient
from stateflow.development.flink import FlinkCluster
from stateflow.development.kafka import KafkaBroker
from stateflow.options import FlinkOptions, KafkaOptions
from stateflow.runtime.flink.pyflink import FlinkRuntime

DEADLINE_S = 60


def show(step: str, answer: object) -> None:
    """Print one step."""
    print(f"  {step:<58} -> {answer}", flush=True)


def buy(client: StateflowKafkaClient) -> None:
    """Create entities on different partitions, buy, refuse, roll back."""
    tea = client.create(Item, "tea", 3).get(DEADLINE_S)
    silver = client.create(Item, "silver spoon", 70).get(DEADLINE_S)
    ann = client.create(User, "ann").get(DEADLINE_S)
    show('client.create(User, "ann")', repr(ann))
    for item in (tea, silver):
        client.call(Item.set_stock, item, 10).get(DEADLINE_S)
    client.call(User.update_balance, ann, 99).get(DEADLINE_S)
    show("ann.buy_item(2, tea): balance and stock change together", client.call(User.buy_item, ann, 2, tea).get(DEADLINE_S))
    show("ann", client.state(ann).get(DEADLINE_S))
    show("tea", client.state(tea).get(DEADLINE_S))
    try:
        client.call(User.buy_all, ann, 2, [tea, silver]).get(DEADLINE_S)
    except NotEnoughBalance as error:
        show("ann.buy_all(2, [tea, silver]) raises", repr(error))
    show("and is rolled back: ann", client.state(ann).get(DEADLINE_S))
    show("and is rolled back: tea", client.state(tea).get(DEADLINE_S))
    begin = time.monotonic()
    for future in [client.call(User.buy_item, ann, 0, tea) for _ in range(500)]:
        future.get(DEADLINE_S)
    show("500 purchases at once", f"{500 / (time.monotonic() - begin):,.0f} a second")


def main() -> None:
    """Start Kafka and Flink, deploy the shop, use it."""
    flow = stateflow.init(Item, User)
    with tempfile.TemporaryDirectory() as folder:
        print("starting Kafka and Flink (the first time they are fetched)", flush=True)
        kafka = KafkaBroker(Path(folder) / "kafka")
        flink = FlinkCluster(Path(folder) / "flink", python_path=[Path(__file__).parent])
        with kafka, flink:
            options = FlinkOptions(kafka=KafkaOptions(brokers=kafka.address), parallelism=2)
            job = FlinkRuntime(flow, options=options).submit(flink.address)
            print(f"job {job} runs at http://{flink.address}; four partitions, two parallel parts", flush=True)
            with StateflowKafkaClient(flow, options=options.kafka) as client:
                buy(client)
    print("stopped")


if __name__ == "__main__":
    main()
