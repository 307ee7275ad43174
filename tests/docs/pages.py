"""The pages of the documentation, and the programs in them.

The Python blocks of one page are one program. It is written to a file with the page's own line numbers, so that an error in it
points to the page, and runs in a process of its own. A block marked `output` holds what the program prints. A program whose tests take
fixtures is run by pytest.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

from sybil.document import Document
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer

__all__ = ["PAGES", "ROOT", "expected_output", "is_test_module", "links", "python_lines", "run_page", "shell_lines"]

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)


def _blocks(page: Path, language: str) -> list[tuple[int, str]]:
    document = Document(page.read_text(encoding="utf-8"), str(page))
    regions = FencedCodeBlockLexer(language)(document)
    return [(document.text.count("\n", 0, region.start) + 1, str(region.lexemes["source"])) for region in regions]


def python_lines(page: Path) -> list[str]:
    """Return the page's program; line n of it is line n of the page."""
    lines: list[str] = []
    for fence_line, source in _blocks(page, "python"):
        lines += [""] * (fence_line - len(lines)) + source.splitlines()
    return lines


def expected_output(page: Path) -> str:
    """Return what the page says that its program prints."""
    return "".join(source for _, source in _blocks(page, "output"))


def shell_lines(page: Path) -> list[str]:
    """Return the commands that the page tells the reader to type."""
    return [line for _, source in _blocks(page, "shell") for line in source.splitlines()]


def links(page: Path) -> list[str]:
    """Return the targets of the page's links, code left out."""
    return _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))


def is_test_module(page: Path) -> bool:
    """Tell whether the page's program is one for pytest: it has tests that take fixtures."""
    functions = [node for node in ast.parse("\n".join(python_lines(page))).body if isinstance(node, ast.FunctionDef)]
    return any(function.name.startswith("test_") and function.args.args for function in functions)


def run_page(page: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the page's program in `folder`, warnings as errors."""
    program = folder / f"{page.stem.replace('-', '_').lower()}.py"
    program.write_text("\n".join(python_lines(page)) + "\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8", "COLUMNS": "140"}
    # Collects no other file of the folder; prints nothing that changes from run to run.
    pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"] if is_test_module(page) else []
    return subprocess.run(
        [sys.executable, "-W", "error", *pytest, program.name],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
