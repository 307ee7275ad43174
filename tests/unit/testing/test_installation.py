"""The pytest plugin as users install it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.unit.testing.conftest import SHOP
from tests.unit.testing.test_fixtures import PURCHASE

ROOT = Path(__file__).parents[3]

# Runs pytest as where only StateFlow and pytest, and what these two need, are installed.
ALONE = """
import sys
from importlib.machinery import PathFinder
known = {"stateflow", "msgspec", "pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "py"}
class Refuse:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        spec = None if top in known else PathFinder.find_spec(top)
        if spec is not None and "site-packages" in str(spec.origin):
            raise ModuleNotFoundError(f"No module named {top!r}", name=top)
sys.meta_path.insert(0, Refuse())
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""
# Says at the end of a run what the plugin has imported.
REPORT = """
import sys
def pytest_unconfigure():
    heavy = {"client", "compiler", "core", "dataflow", "protocol", "runtime"}
    own = {".".join(name.split(".")[:2]) for name in sys.modules if name.startswith("stateflow.")}
    print("IMPORTED", sorted(own & {f"stateflow.{name}" for name in heavy} | {"msgspec", "sqlite3"} & set(sys.modules)))
"""


def pytest_in(folder: Path, *args: str, path: Path = ROOT / "src", code: str | None = None, **variables: str) -> str:
    program = [sys.executable, *(["-c", code] if code else ["-m", "pytest"])]
    environment = {**os.environ, "PYTHONPATH": str(path), **variables}
    done = subprocess.run(
        [*program, "-W", "error", "-p", "no:cacheprovider", *args],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "test_shop.py").write_text(PURCHASE)
    (tmp_path / "conftest.py").write_text("")
    return tmp_path


@pytest.mark.process
def test_plugin_needs_pytest_alone(shop: Path) -> None:
    said = pytest_in(shop, "-p", "stateflow.testing.plugin", code=ALONE, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert "1 passed" in said, said


@pytest.mark.process
def test_import_hook_of_these_tests_refuses_other_packages(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("import hypothesis\n")
    assert "No module named 'hypothesis'" in pytest_in(tmp_path, code=ALONE, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")


@pytest.mark.process
def test_plugin_is_found_by_itself_and_silent_where_nothing_uses_it(tmp_path: Path) -> None:
    (tmp_path / "test_sum.py").write_text("def test_sum(): assert 1 + 1 == 2\n")
    (tmp_path / "conftest.py").write_text(REPORT)
    with_it, without = pytest_in(tmp_path, "-q"), pytest_in(tmp_path, "-q", "-p", "no:stateflow")
    imported = [line for line in with_it.splitlines() if line.startswith("IMPORTED")]
    assert imported == ["IMPORTED []"]

    def rest(said: str) -> list[str]:
        return [line for line in said.splitlines() if not line.startswith("IMPORTED") and " passed in " not in line and "seed" not in line]

    assert rest(with_it) == rest(without)


@pytest.mark.process
def test_options_and_markers_explain_themselves(tmp_path: Path) -> None:
    said = pytest_in(tmp_path, "--help", "-p", "no:randomly")
    for name in ("--stateflow-suspend", "--stateflow-seed", "stateflow_flow"):
        assert name in said
    assert "@pytest.mark.stateflow(" in pytest_in(tmp_path, "--markers")


@pytest.mark.slow
@pytest.mark.process
def test_plugin_of_the_wheel_works_with_assertions_rewritten(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    built, installed = tmp_path_factory.mktemp("built"), tmp_path_factory.mktemp("installed")
    build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(built)], cwd=ROOT, capture_output=True, timeout=100, check=True)
    (wheel,) = built.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(installed)
    assert "1 passed" in pytest_in(shop, path=installed)
