"""The shop of `demo_runtime.py` behind HTTP: `uvicorn fastapi_client:app`, then http://localhost:8000/docs. Kafka is at localhost:9092."""

import os
from typing import Annotated

from demo_common import Item, User, stateflow
from fastapi import Depends

from stateflow.client.fastapi import KafkaFastAPIClient, stateflow_client
from stateflow.client.kafka_client import StateflowClient

# Initialize stateflow
flow = stateflow.init(Item, User)
app = KafkaFastAPIClient(flow, brokers=os.environ.get("STATEFLOW_BROKERS", "localhost:9092")).get_app()


@app.post("/gift/{username}")
async def gift(username: str, client: Annotated[StateflowClient, Depends(stateflow_client)]) -> dict[str, int]:
    """Give a user ten coins: an endpoint of our own beside those of each method."""
    user = client.ref(User, username)
    await client.call(User.update_balance, user, 10)
    return {"balance": await client.get(user, "balance")}
