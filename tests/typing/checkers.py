"""Run mypy and pyright over programs and read what they say, in one common form."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

__all__ = ["PROGRAMS", "Findings", "marked", "run_mypy", "run_pyright"]

PROGRAMS = Path(__file__).parent / "programs"
SOURCE = Path(__file__).parents[2] / "src"

_MYPY_LINE = re.compile(r"(?P<file>[^:]+):(?P<line>\d+): (?P<kind>error|note): (?P<text>.*)")
_MODULES = re.compile(r"\b(?:[a-z_]\w*\.)+(?=[A-Za-z])")


class Findings(NamedTuple):
    """What a checker said: the revealed types and the errors, each by (file, line)."""

    revealed: dict[tuple[str, int], str]
    errors: dict[tuple[str, int], list[str]]


def marked(mark: str) -> dict[tuple[str, int], str]:
    """Return what follows `# mark` in the programs, by (file, line)."""
    pattern = re.compile(rf"# {mark}(.*)$")
    return {
        (path.name, number): found[1].strip(": ")
        for path in sorted(PROGRAMS.glob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := pattern.search(line))
    }


def run_mypy(folder: Path) -> Findings:
    """Run `mypy --strict` without the project's own settings; its cache goes to `folder`."""
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--no-pretty", "--config-file", os.devnull]
    environment = {**os.environ, "MYPYPATH": str(SOURCE), "MYPY_CACHE_DIR": str(folder), "MYPY_FORCE_COLOR": "0"}
    done = subprocess.run([*command, "."], cwd=PROGRAMS, env=environment, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    findings = Findings({}, defaultdict(list))
    for line in done.stdout.splitlines():
        found = _MYPY_LINE.match(line)
        assert found is not None, line
        place = (found["file"], int(found["line"]))
        if found["text"].startswith("Revealed type is "):
            findings.revealed[place] = _plain(found["text"].split('"')[1])
        elif found["kind"] == "error":
            findings.errors[place].append(found["text"])
    return findings


def run_pyright(folder: Path) -> Findings:
    """Run pyright in strict mode over a copy of the programs in `folder`, as it takes its settings from beside them."""
    shutil.copytree(PROGRAMS, folder, dirs_exist_ok=True)
    rules = {"typeCheckingMode": "strict", "extraPaths": [str(SOURCE)], "pythonVersion": "3.11"}
    (folder / "pyrightconfig.json").write_text(json.dumps(rules), encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable]
    environment = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    findings = Findings({}, defaultdict(list))
    for entry in json.loads(done.stdout)["generalDiagnostics"]:
        place = (Path(entry["file"]).name, entry["range"]["start"]["line"] + 1)
        if entry["severity"] == "information":
            findings.revealed[place] = _plain(re.findall(r'is "(.*)"', entry["message"])[0])
        else:
            findings.errors[place].append(entry["message"])
    return findings


def _plain(text: str) -> str:
    return _MODULES.sub("", text)
