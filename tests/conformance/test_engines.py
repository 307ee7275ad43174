"""The suite on the engines that run in this process."""

from __future__ import annotations

import pytest

from stateflow.core.placement import EntityPlacement, PartitionPlacement
from tests.conformance.engine import Engine, Placed, Whole
from tests.conformance.suite import *  # noqa: F403

ENGINES = [
    pytest.param(Whole(), id="whole"),
    *(pytest.param(Placed(PartitionPlacement(count)), id=f"{count} partitions") for count in (1, 4, 16)),
    pytest.param(Placed(EntityPlacement(), suspends=True), id="each entity"),
]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    made: Engine = request.param
    return made
