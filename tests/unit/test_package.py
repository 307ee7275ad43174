"""What an installation holds and needs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ENGINES = ("kafka", "fastapi", "observability", "flink", "statefun", "aws", "beam", "cloudburst")

# Runs the code of argv[1] as on a machine where only msgspec is installed.
ALONE = """
import importlib.util, sys
from importlib.machinery import PathFinder
class Refuse:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in ("stateflow", "msgspec") or top in sys.stdlib_module_names:
            return None
        if PathFinder.find_spec(top) is not None:
            raise ModuleNotFoundError(f"No module named {top!r}", name=top)
sys.meta_path.insert(0, Refuse())
exec(sys.argv[1])
"""


def run_alone(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", ALONE, code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_msgspec_is_the_only_dependency() -> None:
    assert [re.split(r"[<>=~\[ ]", line)[0] for line in PROJECT["dependencies"]] == ["msgspec"]


def test_every_engine_and_client_is_an_extra() -> None:
    assert set(PROJECT["optional-dependencies"]) == {"bench", "cli", "dev", "docs", "testing", *ENGINES}


@pytest.mark.process
@pytest.mark.parametrize("module", ["stateflow", "stateflow.runtime.local", "stateflow.client", "stateflow.compiler", "stateflow.core"])
def test_core_imports_with_msgspec_alone(module: str, tmp_path: Path) -> None:
    done = run_alone(f"import {module}", tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.process
def test_import_hook_of_these_tests_refuses_other_packages(tmp_path: Path) -> None:
    assert "No module named 'pytest'" in run_alone("import pytest", tmp_path).stderr


@pytest.mark.process
def test_command_line_without_its_extra_prints_the_install_line(tmp_path: Path) -> None:
    done = run_alone("import sys; sys.argv = ['stateflow', '--help']\nfrom stateflow.cli.main import main\nsys.exit(main())", tmp_path)
    assert done.returncode != 0
    assert "pip install 'stateflow[cli]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.process
def test_import_of_the_package_starts_no_event_loop_and_loads_no_command_line(tmp_path: Path) -> None:
    code = "import sys, stateflow; print(sorted({'asyncio', 'stateflow.cli', 'typer', 'rich', 'pydantic'} & set(sys.modules)))"
    assert run_alone(code, tmp_path).stdout.strip() == "[]"


def build_wheel(folder: Path) -> Path:
    build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(folder)], cwd=ROOT, capture_output=True, timeout=100, check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.mark.slow
@pytest.mark.process
def test_wheel_holds_the_type_marker_and_every_module(tmp_path: Path) -> None:
    names = set(zipfile.ZipFile(build_wheel(tmp_path)).namelist())
    modules = {str(path.relative_to(ROOT / "src")) for path in (ROOT / "src").rglob("*.py")}
    assert "stateflow/py.typed" in names
    assert modules <= names
    assert not [name for name in names if name.startswith(("tests/", "demos/"))]


# Each line of code with the extra whose absence it meets.
MISSING = {
    "from stateflow.client.fastapi import LocalFastAPIClient": "fastapi",
    "from stateflow.cli.main import _load; _load()": "cli",
    "import stateflow.observability": "observability",
    "import stateflow.runtime.flink.pyflink": "flink",
    "from stateflow.client.kafka_client import StateflowKafkaClient; StateflowKafkaClient(flow)": "kafka",
}
FRESH = """
import stateflow
from stateflow.runtime.local import LocalRuntime

@stateflow.entity
class Counter:
    def __init__(self, name: str):
        self.name, self.count = name, 0
    def __key__(self) -> str:
        return self.name
    def add(self, amount: int) -> int:
        self.count += amount
        return self.count

flow = stateflow.init(Counter)
with LocalRuntime(flow, path="counter.db") as runtime, runtime.client() as client:
    print(Counter("a").get().add(2).get())
for code, extra in {missing!r}.items():
    try:
        exec(code)
    except stateflow.MissingExtra as error:
        print(extra, f"pip install 'stateflow[{{extra}}]'" in str(error))
"""


@pytest.mark.slow
@pytest.mark.process
def test_wheel_in_an_empty_environment_runs_and_names_the_install_line_of_each_missing_extra(tmp_path: Path) -> None:
    wheel, python = build_wheel(tmp_path), tmp_path / "empty" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "empty"], timeout=100, check=True)
    install = [python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel]
    subprocess.run(install, capture_output=True, timeout=100, check=True)
    listed = subprocess.run([python, "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, timeout=60, check=True)
    assert {line.partition("==")[0] for line in listed.stdout.splitlines()} <= {"stateflow", "msgspec", "pip", "setuptools"}
    # A class is compiled from its file.
    (tmp_path / "fresh.py").write_text(FRESH.format(missing=MISSING))
    done = subprocess.run([python, "-W", "error", "fresh.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["2", *(f"{extra} True" for extra in MISSING.values())]
