"""The workloads, by the names that `stateflow bench` knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.bench.names import WorkloadName
from stateflow.bench.workloads.hotel import Hotels
from stateflow.bench.workloads.records import MixedRecords, ReadAndUpdate, ReadMostly, Transfers
from stateflow.bench.workloads.shop import Shop
from stateflow.bench.workloads.tpcc.workload import Tpcc

if TYPE_CHECKING:
    from stateflow.bench.workload import Workload

__all__ = ["WORKLOADS"]

WORKLOADS: dict[str, type[Workload]] = {
    WorkloadName.A: ReadAndUpdate,
    WorkloadName.B: ReadMostly,
    WorkloadName.T: Transfers,
    WorkloadName.M: MixedRecords,
    WorkloadName.TPCC: Tpcc,
    WorkloadName.HOTEL: Hotels,
    WorkloadName.SHOP: Shop,
}
