"""The cache of archives is filled again when something is missing from it. Maven is played by a function here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stateflow.development import jars
from stateflow.errors import JarsNotFetched

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Use a cache of the case, and note each run of Maven."""
    found: list[str] = []

    def run_maven(command: Sequence[str], name: str, _: Any) -> None:
        found.append(name)
        folder = Path(next(part.partition("=")[2] for part in command if part.startswith("-DoutputDirectory=")))
        folder.mkdir()
        for jar in ("one.jar", "two.jar"):
            (folder / jar).write_bytes(b"PK")

    monkeypatch.setenv("STATEFLOW_CACHE", str(tmp_path))
    monkeypatch.setattr(jars, "_run_maven", run_maven)
    monkeypatch.setattr(jars, "find_java", lambda: "java")
    monkeypatch.setattr(jars.shutil, "which", lambda _: "mvn")
    return found


def test_archives_are_fetched_once(runs: list[str]) -> None:
    assert jars.fetch_jars("flink") == jars.fetch_jars("flink")
    assert runs == ["flink"]


@pytest.mark.parametrize("missing", [("one.jar",), ("one.jar", "two.jar")])
def test_archives_that_somebody_has_deleted_are_fetched_again(runs: list[str], missing: tuple[str, ...]) -> None:
    folder = jars.fetch_jars("kafka")
    for name in missing:
        (folder / name).unlink()
    assert (jars.fetch_jars("kafka") / "one.jar").is_file()
    assert runs == ["kafka", "kafka"]


def test_folder_of_an_earlier_version_is_used_when_it_has_archives_and_not_when_it_is_empty(runs: list[str]) -> None:
    folder = jars.fetch_jars("kafka")
    (folder / "fetched.txt").unlink()
    jars.fetch_jars("kafka")
    assert runs == ["kafka"]
    for jar in folder.glob("*.jar"):
        jar.unlink()
    jars.fetch_jars("kafka")
    assert runs == ["kafka", "kafka"]


def test_maven_that_leaves_nothing_is_an_error(runs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "_run_maven", lambda *_: None)
    with pytest.raises(JarsNotFetched, match="left no archive"):
        jars.fetch_jars("kafka")
    assert runs == []
