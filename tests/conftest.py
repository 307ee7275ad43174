"""Options and settings that all tests share."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# A deadline would measure the machine; the seed is printed by pytest-randomly, and failures are kept in .hypothesis.
settings.register_profile("stateflow", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("stateflow")

pytest_plugins = ["pytester"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-golden", action="store_true", help="write the golden files anew instead of comparing with them")


@pytest.fixture
def rewrite_golden(request: pytest.FixtureRequest) -> bool:
    """Tell whether golden files are written anew in this run."""
    return bool(request.config.getoption("--rewrite-golden"))
