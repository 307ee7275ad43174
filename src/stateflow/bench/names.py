"""The names of workloads and engines, as `stateflow bench` takes them; to know them costs no more than this."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["EngineName", "WorkloadName"]


class WorkloadName(StrEnum):
    """The workloads."""

    A = "a"
    B = "b"
    T = "t"
    M = "m"
    TPCC = "tpcc"
    HOTEL = "hotel"
    SHOP = "shop"


class EngineName(StrEnum):
    """The engines."""

    LOCAL = "local"
    LOCAL_MEMORY = "local-memory"
    FLINK = "flink"
