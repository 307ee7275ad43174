"""A simulated cluster: many places in one thread, with every message through bytes, in an order that a seed decides."""

from stateflow.runtime.simulation.cluster import Cluster, SimulatedClient

__all__ = ["Cluster", "SimulatedClient"]
