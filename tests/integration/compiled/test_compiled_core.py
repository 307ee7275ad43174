"""The core compiled by mypyc gives the answers and the bytes of the core in Python. `make check-compiled` runs far more on it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from typing import TYPE_CHECKING

import pytest

from tests.integration.compiled.building import BUILD_DEADLINE_S, ROOT, needs_compiler, unpacked

if TYPE_CHECKING:
    from pathlib import Path

SIMULATED = [("transfers", 1), ("trees", 2), ("shop", 3), ("orders", 4)]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.process,
    pytest.mark.xdist_group("compiled"),
    pytest.mark.timeout(2 * BUILD_DEADLINE_S),
    needs_compiler,
]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the compiled package, made as `make compiled` makes it."""
    return unpacked(tmp_path_factory.mktemp("compiled"))


def run(*arguments: str | Path, package: Path | None = None) -> str:
    """Run Python, with the package from a folder where one is given; return what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(package or ROOT / "src")}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=BUILD_DEADLINE_S, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def test_the_way_of_a_request_is_compiled(compiled: Path) -> None:
    printed = run("-c", "from stateflow.core import driver; print(driver.__file__)", package=compiled)
    assert printed.strip().endswith(sysconfig.get_config_var("EXT_SUFFIX"))


@pytest.mark.parametrize(("workload", "seed"), SIMULATED)
def test_a_simulation_prints_the_same_bytes(compiled: Path, workload: str, seed: int) -> None:
    command = ("-m", "stateflow", "simulate", "--seed", str(seed), "--places", "4", "--workload", workload)
    assert run(*command, package=compiled) == run(*command)


def test_the_shop_prints_the_same(compiled: Path) -> None:
    by_compiled, by_python = (run("demos/demo_shop.py", package=package) for package in (compiled, None))
    # The first lines name the file, which is another one in each run.
    assert by_compiled.splitlines()[2:] == by_python.splitlines()[2:]


def test_the_core_does_what_its_tests_say(compiled: Path) -> None:
    run("-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", "-m", "not pure", "tests/unit/core", package=compiled)
