"""Kafka and Flink for all tests here but those that kill them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.flink.engines import Engines, running_engines

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """One broker, one JobManager, one TaskManager with two slots. A test ends the jobs that it has begun."""
    with running_engines() as engines:
        yield engines
