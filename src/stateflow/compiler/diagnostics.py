"""Diagnostics: what is wrong with the user's source, where, why, and what to do.

`str(diagnostic)` is the text that people read; the fields are for programs.
"""

from __future__ import annotations

import os
import unicodedata
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from stateflow.errors import CompileError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Diagnostic", "DiagnosticBag", "Severity", "Span", "displayed_path"]

DOCS_FOLDER = "docs/reference/errors"
MARGIN = 5


class Severity(Enum):
    """An error stops the compilation, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Span(msgspec.Struct, frozen=True):
    """A piece of source. Lines count from 1; columns are characters and count from 0; the end column is not included."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{displayed_path(self.file)}:{self.line}"


class Diagnostic(msgspec.Struct, frozen=True):
    """One error or warning.

    `source_lines` are the lines of the span; `why` names the facts that lead to it; `fix` says what to write instead.
    """

    code: str
    severity: Severity
    message: str
    span: Span
    source_lines: tuple[str, ...]
    why: str
    fix: str

    def __str__(self) -> str:
        head = f"{self.span}: {self.severity.value} {self.code}: {self.message}"
        return "\n".join([head, *self._excerpt(), *self._advice()])

    @property
    def docs(self) -> str:
        """The page of this code, relative to the project."""
        return f"{DOCS_FOLDER}/{self.code}.md"

    def _excerpt(self) -> list[str]:
        if not self.source_lines:
            return []
        text = self.source_lines[0].rstrip()
        end = self.span.end_column if self.span.end_line == self.span.line else len(text)
        marked = text[self.span.column : end]
        carets = "^" * max(1, sum(map(_width, marked)))
        return [f"{self.span.line:{MARGIN}} | {text}", f"{'':{MARGIN}} | {_blank(text[: self.span.column])}{carets}"]

    def _advice(self) -> list[str]:
        return [f"  why:  {self.why}", f"  fix:  {self.fix}", f"  docs: {self.docs}"]


class DiagnosticBag:
    """The diagnostics of one compilation, without repeats."""

    def __init__(self) -> None:
        self._found: dict[Diagnostic, None] = {}

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep a diagnostic; the same one a second time changes nothing."""
        self._found.setdefault(diagnostic)

    def extend(self, other: DiagnosticBag) -> None:
        """Keep what another bag holds."""
        for diagnostic in other:
            self.add(diagnostic)

    def __iter__(self) -> Iterator[Diagnostic]:
        """Give the diagnostics by file, line, column and code."""
        return iter(sorted(self._found, key=_order))

    def __len__(self) -> int:
        return len(self._found)

    def __str__(self) -> str:
        return "\n".join(map(str, self))

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The errors, by file and line."""
        return tuple(d for d in self if d.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """The warnings, by file and line."""
        return tuple(d for d in self if d.severity is Severity.WARNING)

    def raise_if_errors(self) -> None:
        """Raise when there is an error.

        Raises:
            CompileError: carries every diagnostic, warnings too.
        """
        if self.errors:
            raise CompileError(tuple(self))


def displayed_path(file: str) -> str:
    """Return the file's path as people know it: relative when it lies below the current folder."""
    here = str(Path.cwd()) + os.sep
    return file.removeprefix(here)


def _order(diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
    span = diagnostic.span
    return (span.file, span.line, span.column, diagnostic.code, diagnostic.message)


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _blank(text: str) -> str:
    # Tabs stay tabs, so that the caret stands below its text whatever the tab width is.
    return "".join(c if c == "\t" else " " * _width(c) for c in text)
