"""A real server, beset at a moderate size; `make hostile-http` does it at full size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("fastapi")
from tests.integration.http.hostile import ATTACKS, MODERATE, Server, Sizes, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.timeout(300)]


@pytest.mark.parametrize("attack", ATTACKS)
def test_memory_is_bounded_and_others_are_served_under_attack(attack: Callable[[Server, Sizes], dict[str, Any]], tmp_path: Path) -> None:
    assert run(attack, MODERATE, tmp_path)["others_served"] >= 4
