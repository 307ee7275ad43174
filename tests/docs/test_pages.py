"""The documentation says what is so: its programs run, its links lead somewhere, its commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, expected_output, is_test_module, links, python_lines, run_page, shell_lines

PAGES_WITH_PROGRAMS = [page for page in PAGES if python_lines(page)]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def makefile_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.process
@pytest.mark.parametrize("page", PAGES_WITH_PROGRAMS, ids=name_of)
def test_program_of_a_page_runs_and_prints_what_the_page_says(page: Path, tmp_path: Path) -> None:
    done = run_page(page, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    if is_test_module(page):
        assert expected_output(page) == "", "a program for pytest has no output of its own"
        return
    assert done.stdout.rstrip() == expected_output(page).rstrip()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_of_a_page_lead_to_a_file_and_a_heading(page: Path) -> None:
    dead = []
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_make_commands_of_a_page_are_targets(page: Path) -> None:
    named = {match for line in shell_lines(page) for match in re.findall(r"^make ([a-z]+)", line)}
    assert named <= makefile_targets()


def test_readme_and_tutorial_have_programs() -> None:
    assert {"README.md", "docs/tutorial.md"} <= {name_of(page) for page in PAGES_WITH_PROGRAMS}


def test_a_page_whose_program_prints_something_else_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "wrong.md"
    page.write_text("# Wrong\n\n```python\nprint(1 + 1)\n```\n\n```output\n3\n```\n", encoding="utf-8")
    done = run_page(page, tmp_path)
    assert (done.stdout, expected_output(page)) == ("2\n", "3\n")


def test_a_failing_line_is_reported_by_its_line_in_the_page(tmp_path: Path) -> None:
    page = tmp_path / "failing.md"
    page.write_text("# Failing\n\n```python\nx = 1\n```\n\nThen:\n\n```python\nx / 0\n```\n", encoding="utf-8")
    assert 'failing.py", line 10' in run_page(page, tmp_path).stderr


def test_a_failing_test_of_a_page_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "how-to.md"
    page.write_text("# How\n\n```python\ndef test_it(tmp_path):\n    assert tmp_path is None\n```\n", encoding="utf-8")
    assert is_test_module(page)
    assert "1 failed" in run_page(page, tmp_path).stdout
