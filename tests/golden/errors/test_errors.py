"""Each code has a case and a page: what the case's source gives is what its golden file and its page show."""

from __future__ import annotations

import itertools
import linecache
import re
import sys
import types
from pathlib import Path

import pytest

from stateflow.compiler.catalogue import CATALOGUE
from stateflow.compiler.checks import check_classes
from stateflow.entity import is_entity
from tests.golden.graphs import check_case, read_case

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "docs" / "reference" / "errors"
CASES = [pytest.param(path, id=path.stem) for path in sorted(Path(__file__).parent.glob("*.case"))]
BLOCK = re.compile(r"```(py|text)\n(.*?)```\n", re.DOTALL)
_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def own_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Give a case a folder for its files, and take its module `shop` away again: other tests have one too."""
    monkeypatch.setitem(sys.modules, "shop", types.ModuleType("shop"))
    monkeypatch.chdir(tmp_path)


def load(source: str) -> types.ModuleType:
    # A file name of its own for each case, so that no case sees the text of another.
    filename = f"<case {next(_numbers)}>/shop.py"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    module = types.ModuleType("shop")
    module.__file__ = filename
    sys.modules["shop"] = module
    exec(compile(source, filename, "exec", dont_inherit=True), vars(module))
    return module


def entities(module: types.ModuleType) -> list[type]:
    outer = [c for c in vars(module).values() if isinstance(c, type) and c.__module__ == "shop"]
    inner = [c for cls in outer for c in vars(cls).values() if isinstance(c, type) and c is not cls]
    return [c for c in dict.fromkeys([*inner, *outer]) if is_entity(c)]


def outcome(source: str) -> str:
    module = load(source)
    if not hasattr(module, "script"):
        return without_place(str(check_classes(entities(module)))) + "\n"
    with pytest.raises(Exception) as raised:  # noqa: PT011 - the golden file says which
        module.script()
    name = type(raised.value).__name__
    text = without_place(str(raised.value))
    return f"stateflow.{name}:\n{text}\n" if "\n" in text else f"stateflow.{name}: {text}\n"


def without_place(text: str) -> str:
    """Put fixed names where a text tells of this run: the folder of the case, request ids, the process that has a file open."""
    text = re.sub(r"<case \d+>/", "", text).replace(f"{Path.cwd()}/", "")
    text = re.sub(r"\b[0-9a-f]{32}-\d+", "r-17", text)
    return re.sub(r"by process \d+ on \S+, since [^;]+ UTC", "by process 4711 on till-3, since 2025-01-01 12:00:00 UTC", text)


@pytest.mark.parametrize("path", CASES)
def test_case_gives_its_golden_output(path: Path, rewrite_golden: bool) -> None:
    case = read_case(path)
    actual = {"source": case["source"], "output": outcome(case["source"])}
    check_case(path, case, actual, rewrite=rewrite_golden)
    if rewrite_golden:
        rewrite_page(PAGES / f"{path.stem}.md", actual)


def rewrite_page(page: Path, case: dict[str, str]) -> None:
    texts = {"py": case["source"], "text": case["output"]}
    page.write_text(BLOCK.sub(lambda block: f"```{block[1]}\n{texts[block[1]]}```\n", page.read_text()))


@pytest.mark.parametrize("path", CASES)
def test_case_shows_its_own_code(path: Path) -> None:
    output = read_case(path)["output"]
    if path.stem in ("SF200", "SF500") or path.stem >= "SF501":
        assert CATALOGUE[path.stem] is not None
        assert output.startswith("stateflow.")
    else:
        assert f"{CATALOGUE[path.stem].severity.value} {path.stem}: " in output


@pytest.mark.parametrize("path", CASES)
def test_page_shows_the_case(path: Path) -> None:
    case = read_case(path)
    page = (PAGES / f"{path.stem}.md").read_text()
    assert page.startswith(f"# {path.stem}: {CATALOGUE[path.stem].title}\n")
    assert dict(BLOCK.findall(page)) == {"py": case["source"], "text": case["output"]}
    assert {"## Cause", "## Example", "## Fix"} <= set(page.splitlines())


def test_every_code_in_the_source_has_an_entry_a_page_and_a_case() -> None:
    used = {code for path in (ROOT / "src").rglob("*.py") for code in re.findall(r"\bSF\d{3}\b", path.read_text())}
    assert used == set(CATALOGUE)
    assert {path.stem for path in PAGES.glob("SF*.md")} == set(CATALOGUE)
    assert {param.values[0].stem for param in CASES} == set(CATALOGUE)
    assert len(CATALOGUE) >= 45


def test_index_lists_every_code_with_its_title() -> None:
    listed = dict(re.findall(r"^- \[(SF\d{3})\]\(\1\.md\): (.*?)(?: \(warning\))?$", (PAGES / "index.md").read_text(), re.MULTILINE))
    assert listed == {code: entry.title for code, entry in CATALOGUE.items()}
