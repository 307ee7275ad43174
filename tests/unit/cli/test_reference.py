"""The page of the command line names what there is, and a shell completes it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from stateflow.cli.commands import app

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "cli.md"
DEMO = str(PAGE.parents[2] / "demos" / "demo_common.py")


def commands(command: Any, path: str) -> Iterator[tuple[str, set[str]]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        options = [each for each in command.params if each.param_type_name == "option"]
        yield path, {max(each.opts, key=len) for each in options} - {"--help"}
        return
    for name, each in inner.items():
        yield from commands(each, f"{path} {name}")


def test_page_names_each_command_with_its_options() -> None:
    rows = re.findall(r"^\| `(stateflow [^`]+)` \| (.*?) \| ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    named = {command: set(re.findall(r"`(--[\w-]+)`", takes)) for command, takes in rows}
    assert named == dict(commands(typer.main.get_command(app), "stateflow"))


def test_every_command_that_ends_by_itself_prints_json_when_asked() -> None:
    without = {name for name, options in commands(typer.main.get_command(app), "stateflow") if "--json" not in options}
    assert without == {"stateflow serve", "stateflow dev kafka", "stateflow dev flink"}


@pytest.mark.parametrize(
    "words",
    [["graph", DEMO, "--json"], ["simulate", "--verdict", "--json"], ["dev", "stop", "--json"]],
)
def test_output_with_json_is_json_and_nothing_else(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) is not None


@pytest.mark.process
@pytest.mark.parametrize(
    ("typed", "offered"),
    [("stateflow do", ["doctor"]), ("stateflow state ex", ["export"]), ("stateflow call --ur", ["--url"])],
)
def test_shell_completes_commands_and_options(typed: str, offered: list[str]) -> None:
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" ")), "_STATEFLOW_COMPLETE": "complete_bash"}
    code = "import sys; sys.argv[0] = 'stateflow'; from stateflow.cli.main import main; main()"
    environment = {**os.environ, **words}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == offered, done.stderr
