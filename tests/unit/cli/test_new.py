"""`stateflow new` makes a project that runs as it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stateflow.cli.commands import app

ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def new(*words: str):
    return CliRunner().invoke(app, ["new", *words])


def run(folder: Path, *command: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.process
def test_new_project_passes_its_tests_and_its_check_and_does_what_its_readme_says(folder: Path) -> None:
    made = new("market", "--json")
    files = ["market.py", "test_market.py", "pyproject.toml", "README.md", ".gitignore"]
    assert (made.exit_code, json.loads(made.stdout)) == (0, {"folder": "market", "files": files})
    project = folder / "market"
    assert "3 passed" in run(project, "pytest", "-q", "-p", "no:randomly")
    assert "market.py: no errors" in run(project, "stateflow", "check", "market.py")
    lines = [line for line in (project / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("stateflow call")]
    printed = [run(project, *line.replace("--url 127.0.0.1:8000", "--path market.db").split()) for line in lines]
    assert printed == ["Item:tea\n", "9\n", "User:ann\n", "true\n"]


def test_project_of_a_new_project_has_its_name_and_installs_its_module(folder: Path) -> None:
    new("market")
    project = tomllib.loads((folder / "market" / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["name"] == "market"
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"] == ["market.py"]


@pytest.mark.parametrize("name", ["json", "stateflow", "my-shop", "../shop", "class", "", "_shop", "é", "a.b"])
def test_name_that_no_module_can_have_or_another_has_is_refused(folder: Path, name: str) -> None:
    done = new(name)
    assert (done.exit_code, done.stdout, "SF540" in done.stderr) == (2, "", True)
    assert list(folder.iterdir()) == []


def test_existing_folder_is_left_as_it_is(folder: Path) -> None:
    (folder / "market").mkdir()
    done = new("market")
    assert (done.exit_code, "exists already" in done.stderr, list((folder / "market").iterdir())) == (2, True, [])


@pytest.mark.parametrize(("has_pytest", "command"), [(True, "pytest; "), (False, 'pip install -e ".[test]"; pytest; ')])
def test_next_commands_install_what_is_missing(folder: Path, monkeypatch: pytest.MonkeyPatch, has_pytest: bool, command: str) -> None:
    monkeypatch.setattr("stateflow.cli.new.find_spec", lambda name: object() if name == "pytest" and has_pytest else None)
    assert f"next: cd market; {command}stateflow check" in new("market").stdout
