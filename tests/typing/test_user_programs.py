"""Type checkers accept users' programs, know the client's types, and find mistakes."""

from __future__ import annotations

import pytest

from tests.typing.checkers import Findings, marked, run_mypy, run_pyright

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.xdist_group("typing")]

CHECKERS = {"mypy": run_mypy, "pyright": run_pyright}


@pytest.fixture(scope="module", params=list(CHECKERS))
def findings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Findings:
    return CHECKERS[request.param](tmp_path_factory.mktemp(request.param))


def test_revealed_types_are_exact(findings: Findings) -> None:
    assert findings.revealed == marked("reveals")


def test_every_mistake_is_found_and_nothing_else_is(findings: Findings) -> None:
    wrong = marked("wrong")
    assert {place: texts for place, texts in findings.errors.items() if place not in wrong} == {}
    assert set(findings.errors) == set(wrong)


def test_the_programs_hold_marks_of_both_kinds() -> None:
    assert len(marked("reveals")) > 10
    assert len(marked("wrong")) >= 10
