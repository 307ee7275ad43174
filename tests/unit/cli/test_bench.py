from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stateflow.bench.workload import Tally
from stateflow.cli.commands import app

QUICK = ["--seconds", "0.2", "--warm-up", "0.1", "--clients", "4"]


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["bench", *words])
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize(
    "words", [["m", "--entities", "50", "--keys", "zipf"], ["tpcc", "--scale", "0.001", "--rate", "50", "--seconds", "1"]]
)
def test_result_has_numbers_and_facts_of_the_machine(words: list[str], tmp_path: Path) -> None:
    code, out, _ = run(*QUICK, *words, "--json", "--path", str(tmp_path / "bench.db"))
    found = json.loads(out)
    assert code == 0
    assert found["verified"]
    assert found["numbers"]["per_second"] > 0
    assert found["numbers"]["latency"]["all"]["p99_ms"] > 0
    assert found["machine"]["cores"] >= 1
    assert found["machine"]["fsync_us"] > 0
    assert (tmp_path / "bench.db").exists()


def test_people_read_conditions_and_latencies() -> None:
    code, out, _ = run("shop", "--runtime", "local-memory", "--entities", "50", *QUICK)
    assert code == 0
    assert "ok     each acknowledged purchase is paid once (40 checked)" in out
    assert "replies/s; latency in ms:" in out
    assert "sent late by" in out


def test_run_that_does_not_verify_prints_no_number_and_exits_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tally, "acknowledge", lambda self, effects: self.acknowledged.update({(n, k): 2 * a for n, k, a in effects}))
    code, out, _ = run("a", "--runtime", "local-memory", "--entities", "50", *QUICK)
    assert code == 1
    assert "WRONG  each acknowledged request once" in out
    assert "the states do not verify, so there are no numbers" in out
    assert "replies/s" not in out


def test_existing_file_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine.db").write_text("mine")
    code, out, err = run("a", *QUICK, "--path", str(tmp_path / "mine.db"))
    assert (code, out) == (2, "")
    assert "SF540" in err
    assert (tmp_path / "mine.db").read_text() == "mine"


def test_missing_extra_says_the_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hdrh", None)
    code, _, err = run("a", *QUICK)
    assert code == 2
    assert "SF541" in err
    assert "pip install 'stateflow[bench]'" in err
