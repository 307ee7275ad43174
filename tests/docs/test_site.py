"""The documentation builds as a site, which works without other hosts and names everything public."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import stateflow
from tests.docs.pages import ROOT

DOCS = ROOT / "docs"
ERRORS = DOCS / "reference" / "errors"


def build(target: Path, configuration: Path = ROOT / "mkdocs.yml") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(configuration), "--site-dir", str(target)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("mkdocs")
    target = tmp_path_factory.mktemp("site")
    done = build(target)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


@pytest.mark.process
@pytest.mark.xdist_group("site")
def test_site_is_built_without_a_warning_and_has_a_page_for_each_source(site: Path) -> None:
    pages = {path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md")}
    assert {page for page in pages if not (site / page).is_file()} == set()


@pytest.mark.process
@pytest.mark.xdist_group("site")
def test_pages_of_the_site_load_nothing_from_another_host(site: Path) -> None:
    loads = re.compile(r"""<(script|img|iframe)[^>]*\ssrc="?(https?:|//)|<link[^>]*rel="?(stylesheet|preconnect)[^>]*href="?(https?:|//)""")
    assert {str(page) for page in site.rglob("*.html") if loads.search(page.read_text(encoding="utf-8"))} == set()
    imports = re.compile(r"@import|url\(['\"]?(https?:|//)")
    assert {str(style) for style in site.rglob("*.css") if imports.search(style.read_text(encoding="utf-8"))} == set()


@pytest.mark.process
@pytest.mark.xdist_group("site")
def test_search_of_the_site_finds_errors_classes_and_words(site: Path) -> None:
    index = (site / "search" / "search_index.json").read_text(encoding="utf-8")
    for text in ("SF203", "StateflowFuture", "suspension point"):
        assert text in index


@pytest.mark.process
@pytest.mark.xdist_group("site")
def test_reference_has_each_public_name_with_its_docstring(site: Path) -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in (site / "reference" / "python").glob("*.html"))
    documented = {anchor.rpartition(".")[2] for anchor in re.findall(r'id="?(stateflow\.[\w.]+)', text)}
    # `stateflow` is `entity`; `errors` is the module whose classes are there.
    assert set(stateflow.__all__) - {"stateflow", "errors"} - documented == set()


def test_index_of_errors_names_each_page_of_an_error() -> None:
    named = re.findall(r"\((SF\d+)\.md\)", (ERRORS / "index.md").read_text(encoding="utf-8"))
    assert sorted(named) == sorted(page.stem for page in ERRORS.glob("SF*.md"))


@pytest.mark.process
def test_page_that_links_to_nothing_fails_the_site(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# Site\n\n[nothing](nothing.md)\n", encoding="utf-8")
    (tmp_path / "mkdocs.yml").write_text("site_name: Site\nvalidation: {not_found: warn}\n", encoding="utf-8")
    done = build(tmp_path / "site", tmp_path / "mkdocs.yml")
    assert (done.returncode, "nothing.md" in done.stderr) == (1, True)
