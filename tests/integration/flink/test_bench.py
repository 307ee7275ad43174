"""The workloads of `stateflow bench` on a real Flink, verified as on the embedded engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from stateflow.bench.engines import EngineName, open_engine
from stateflow.bench.keys import Distribution
from stateflow.bench.load import Load
from stateflow.bench.run import Session
from stateflow.bench.workload import Size
from stateflow.bench.workloads import WORKLOADS

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.xdist_group("flink"), pytest.mark.timeout(400)]


@pytest.mark.parametrize("name", ["m", "shop", "tpcc"])
def test_workload_verifies_on_flink(name: str) -> None:
    workload = WORKLOADS[name](Size(entities=200, keys=Distribution.ZIPF, warehouses=2, scale=0.001))
    with open_engine(EngineName.FLINK, name, workload, Path("unused")) as engine:
        session = Session(name, workload, engine)
        session.fill()
        measured = session.measure(Load(clients=20, warm_up_s=1, seconds=3))
        conditions = session.verify()
    assert [fault for condition in conditions for fault in condition.faults] == []
    assert measured.recorder.errors == {}
    assert measured.recorder.replies > 0
