"""Diagnostics say where, what, why and how to mend it, in one order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stateflow.compiler.diagnostics import Diagnostic, DiagnosticBag, Severity, Span, displayed_path
from stateflow.errors import CompileError


def diagnostic(
    line: int = 31,
    *,
    code: str = "SF203",
    file: str = "shop.py",
    severity: Severity = Severity.ERROR,
    text: str = "    decrease_stock = item.update_stock(-amount)",
    marked: str = "update_stock",
    end_line: int | None = None,
) -> Diagnostic:
    start = text.index(marked)
    span = Span(file, line, start, end_line or line, start + len(marked))
    return Diagnostic(
        code=code,
        severity=severity,
        message="`User.buy_item` calls `Item.update_stock`, which Item does not define",
        span=span,
        source_lines=(text + "\n",),
        why="item is annotated as Item (shop.py:6); its methods are set_stock",
        fix="define Item.update_stock, or call set_stock",
    )


def test_an_error_is_written_with_line_caret_why_fix_and_page() -> None:
    assert str(diagnostic()) == (
        "shop.py:31: error SF203: `User.buy_item` calls `Item.update_stock`, which Item does not define\n"
        "   31 |     decrease_stock = item.update_stock(-amount)\n"
        "      |                           ^^^^^^^^^^^^\n"
        "  why:  item is annotated as Item (shop.py:6); its methods are set_stock\n"
        "  fix:  define Item.update_stock, or call set_stock\n"
        "  docs: docs/reference/errors/SF203.md"
    )


def test_a_warning_calls_itself_a_warning() -> None:
    assert str(diagnostic(severity=Severity.WARNING)).startswith("shop.py:31: warning SF203: ")


@pytest.mark.parametrize(
    ("text", "marked", "carets"),
    [
        ("\titem.stock", "stock", "\t     ^^^^^"),
        ("日本 = item", "item", "       ^^^^"),
        ("x = 日本", "日本", "    ^^^^"),
        ("e\N{COMBINING ACUTE ACCENT} = item", "item", "    ^^^^"),
    ],
)
def test_carets_stand_below_their_text(text: str, marked: str, carets: str) -> None:
    assert str(diagnostic(text=text, marked=marked)).splitlines()[2] == f"      | {carets}"


def test_a_span_over_several_lines_is_marked_to_the_end_of_its_first_line() -> None:
    lines = str(diagnostic(text="    item.update(", marked="item", end_line=33)).splitlines()
    assert lines[2] == "      |     ^^^^^^^^^^^^"


def test_a_diagnostic_without_source_has_no_excerpt() -> None:
    bare = Diagnostic("SF103", Severity.ERROR, "no source", Span("<stdin>", 1, 0, 1, 0), (), "typed in", "use a file")
    assert str(bare).splitlines() == [
        "<stdin>:1: error SF103: no source",
        "  why:  typed in",
        "  fix:  use a file",
        "  docs: docs/reference/errors/SF103.md",
    ]


def test_files_below_the_current_folder_are_shown_relative() -> None:
    assert displayed_path(str(Path.cwd() / "shop.py")) == "shop.py"
    assert displayed_path(os.sep + "elsewhere.py") == os.sep + "elsewhere.py"


def test_findings_come_by_file_line_column_and_code_and_once() -> None:
    bag = DiagnosticBag()
    for found in (diagnostic(9), diagnostic(2), diagnostic(2, code="SF101"), diagnostic(5, file="bank.py"), diagnostic(9)):
        bag.add(found)
    assert [(d.span.file, d.span.line, d.code) for d in bag] == [
        ("bank.py", 5, "SF203"),
        ("shop.py", 2, "SF101"),
        ("shop.py", 2, "SF203"),
        ("shop.py", 9, "SF203"),
    ]
    assert len(bag) == 4


def test_bags_are_joined() -> None:
    left, right = DiagnosticBag(), DiagnosticBag()
    left.add(diagnostic(2))
    right.add(diagnostic(1))
    left.extend(right)
    assert [d.span.line for d in left] == [1, 2]


def test_warnings_alone_do_not_stop_the_compilation() -> None:
    bag = DiagnosticBag()
    bag.add(diagnostic(severity=Severity.WARNING))
    bag.raise_if_errors()
    assert (len(bag.errors), len(bag.warnings)) == (0, 1)


def test_the_error_carries_every_finding() -> None:
    bag = DiagnosticBag()
    bag.add(diagnostic(4))
    bag.add(diagnostic(3, severity=Severity.WARNING))
    with pytest.raises(CompileError) as caught:
        bag.raise_if_errors()
    assert caught.value.diagnostics == tuple(bag)
    assert str(caught.value) == str(bag)
