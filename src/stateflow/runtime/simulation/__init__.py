"""A simulated cluster: many places in one thread, with every message through bytes, in an order that a seed decides.

`Cluster` delivers messages and nothing else; clients can talk to it. `simulate` runs a seed with a log, workers, checkpoints and faults,
and judges what came of it. `docs/explanation/simulation.md` has both.
"""

from stateflow.runtime.simulation.cluster import Cluster, SimulatedClient
from stateflow.runtime.simulation.faults import Faults
from stateflow.runtime.simulation.setting import MIX, Result, Setting
from stateflow.runtime.simulation.sights import Sights
from stateflow.runtime.simulation.simulation import simulate

__all__ = ["MIX", "Cluster", "Faults", "Result", "Setting", "Sights", "SimulatedClient", "simulate"]
