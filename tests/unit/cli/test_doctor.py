"""`stateflow doctor` says what is there and, of what is not, how to get it."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import stateflow
from stateflow.cli import doctor
from stateflow.cli.commands import app
from stateflow.limits import KEY_BYTES


def findings() -> dict[str, dict[str, Any]]:
    done = CliRunner().invoke(app, ["doctor", "--json"])
    assert done.exit_code == 0
    printed = json.loads(done.stdout)
    assert printed["limits"]["KEY_BYTES"] == KEY_BYTES
    return {each["name"]: each for each in printed["findings"]}


def test_versions_of_what_is_installed_are_told() -> None:
    found = findings()
    assert found["StateFlow"]["version"] == stateflow.__version__
    assert found["typer"] == {"name": "typer", "version": metadata.version("typer"), "purpose": "the stateflow command", "fix": ""}


def test_missing_package_is_told_with_the_extra_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    known = metadata.version

    def version(package: str) -> str:
        if package == "fastapi":
            raise metadata.PackageNotFoundError(package)
        return known(package)

    monkeypatch.setattr(doctor.metadata, "version", version)
    found = findings()
    assert found["fastapi"]["version"] == ""
    assert found["fastapi"]["fix"].endswith("install 'stateflow[fastapi]'")
    assert found["uvicorn"]["fix"] == ""


def test_missing_programs_are_told_with_their_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    found = findings()
    assert [found[name]["version"] for name in ("Java", "Maven", "Graphviz")] == ["", "", ""]
    assert "openjdk-17" in found["Java"]["fix"]
    done = CliRunner().invoke(app, ["doctor"])
    assert (done.exit_code, "apt install maven" in done.stdout, "missing" in done.stdout) == (0, True, True)
