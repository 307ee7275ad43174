"""Clients: how programs outside the dataflow reach its entities."""

from stateflow.client.base import StateflowClient
from stateflow.client.future import StateflowFuture

__all__ = ["StateflowClient", "StateflowFuture"]
