"""The embedded engine: the whole dataflow in this process, one request after another."""

from stateflow.client import StateflowClient, StateflowFuture
from stateflow.runtime.base import Runtime
from stateflow.runtime.local.runtime import LocalClient, LocalRuntime

__all__ = ["LocalClient", "LocalRuntime", "Runtime", "StateflowClient", "StateflowFuture"]
