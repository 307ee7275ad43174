"""A worker that would answer otherwise than who submitted the job is refused, with what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stateflow.errors import ConfigurationError
from stateflow.runtime.flink import loading
from stateflow.runtime.flink.keys import HASH_SEED
from stateflow.runtime.flink.loading import SUBMITTER, check_worker, digest_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def fixed_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", HASH_SEED)


def test_worker_with_the_same_python_and_package_is_accepted() -> None:
    check_worker(SUBMITTER)


def test_worker_with_another_python_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"runs Python .* submitted by Python 2\.7"):
        check_worker(SUBMITTER._replace(python="2.7"))


def test_worker_that_has_kept_another_package_is_refused_with_what_to_restart() -> None:
    with pytest.raises(ConfigurationError, match=r"another StateFlow .*\(9\.0\): .*restart the TaskManagers"):
        check_worker(SUBMITTER._replace(version="9.0", package="other"))


def test_worker_without_a_fixed_order_of_sets_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONHASHSEED")
    with pytest.raises(ConfigurationError, match="PYTHONHASHSEED is None"):
        check_worker(SUBMITTER)


def test_digest_of_a_package_changes_with_each_text_and_name_and_with_nothing_else(tmp_path: Path) -> None:
    part = tmp_path / "part"
    part.mkdir()
    (part / "one.py").write_text("A = 1\n")
    (part / "two.py").write_text("")
    first = digest_of(tmp_path)
    (part / "cached.pyc").write_text("anything")
    assert digest_of(tmp_path) == first
    (part / "one.py").write_text("A = 2\n")
    changed = digest_of(tmp_path)
    (part / "one.py").rename(part / "three.py")
    assert len({first, changed, digest_of(tmp_path)}) == 3


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("theirs", [True, False])
def test_worker_of_either_form_of_the_core_is_accepted_and_told_where_it_is_the_slower_one(
    ours: bool, theirs: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loading, "SUBMITTER", SUBMITTER._replace(is_compiled=ours))
    check_worker(SUBMITTER._replace(is_compiled=theirs))
    assert ("has the compiled core" in caplog.text) == (theirs and not ours)
