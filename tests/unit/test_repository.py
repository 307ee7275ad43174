"""What holds for the repository as a whole."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINES_OF_A_FILE = 400
FORBIDDEN = re.compile(r"(?<!\w)/(?:home|root|work|Users|tmp/\w)[/\w]*|[A-Z]:\\\\|https?://(?:localhost|127\.|10\.|192\.168\.)[^\s\"']*")


def source_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def prose() -> list[Path]:
    named = [ROOT / name for name in ("Makefile", "pyproject.toml", "constraints.txt", ".ci/run")]
    return [*named, *sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "changelog.d").glob("*.md"))]


def test_prose_and_build_files_name_no_path_or_host_of_one_machine() -> None:
    found = {str(path.relative_to(ROOT)): FORBIDDEN.findall(path.read_text(encoding="utf-8")) for path in prose()}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize("text", ["see /home/ann/x", "/work/a", "/tmp/abc", "C:\\\\x", "http://localhost:80/simple"])
def test_path_of_a_machine_is_noticed(text: str) -> None:
    assert FORBIDDEN.search(text)


def test_constraints_are_exact_versions_without_addresses() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[\w.\-]+==[\w.]+", line)] == []


def test_every_make_target_has_one_line_of_help() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None
    helped = set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE))
    assert helped == set(phony[1].split())
    assert {"demo", "test", "check", "golden", "fuzz", "bench", "docs", "help"} <= helped


def test_make_without_a_target_prints_the_help() -> None:
    done = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert "demo" in done.stdout
    assert len(done.stdout.splitlines()) >= 8


def test_no_source_file_is_longer_than_the_limit() -> None:
    long = {str(path): n for path in source_files("src", "demos") if (n := path.read_text(encoding="utf-8").count("\n")) > LINES_OF_A_FILE}
    assert long == {}


def test_source_has_no_marks_of_unfinished_work() -> None:
    marks = re.compile(r"#\s*(TODO|FIXME|XXX|HACK)\b")
    assert [str(path) for path in source_files("src", "demos") if marks.search(path.read_text(encoding="utf-8"))] == []


def test_source_reads_no_pickle_and_evaluates_no_text() -> None:
    banned = re.compile(r"^\s*(?:import|from) (?:pickle|marshal|shelve|dill|cloudpickle)\b|(?<![\w.])eval\(", re.MULTILINE)
    assert [str(path) for path in source_files("src") if banned.search(path.read_text(encoding="utf-8"))] == []
