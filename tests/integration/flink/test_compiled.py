"""A job whose workers have the compiled core does what every engine must do, and what its clients, which have none, expect."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conformance.suite import (
    session,  # noqa: F401
    test_repeated_request_takes_effect_once_and_has_the_same_reply,  # noqa: F401
    test_transfers_at_the_same_time_are_all_or_nothing,  # noqa: F401
    test_transfers_take_effect_once_when_the_engine_is_restarted_among_them,  # noqa: F401
)
from tests.integration.compiled.building import BUILD_DEADLINE_S, needs_compiler, unpacked
from tests.integration.flink.engines import Engines, running_engines
from tests.integration.flink.test_conformance import OnFlink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conformance.engine import Engine, Session

pytestmark = [
    pytest.mark.slow,
    pytest.mark.process,
    pytest.mark.xdist_group("flink"),
    pytest.mark.timeout(2 * BUILD_DEADLINE_S),
    needs_compiler,
]


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """Engines whose processes, and those that submit jobs to them, import the compiled package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(unpacked(tmp_path_factory.mktemp("compiled"))))
        with running_engines() as engines:
            yield engines


@pytest.fixture
def engine(engines: Engines) -> Engine:
    return OnFlink(engines)


def test_workers_run_the_compiled_core(session: Session, engines: Engines) -> None:  # noqa: F811
    # The session's job runs, so that a worker has loaded its core.
    session.client().close()
    pid = engines.flink.busy_task_manager().pid
    assert "stateflow_core__mypyc" in Path(f"/proc/{pid}/maps").read_text()
