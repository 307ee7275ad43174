"""Diagnostics and explanations as people read them: colours on a terminal, the same text without elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec
from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stateflow.compiler.analysis.read_only import Write
    from stateflow.compiler.diagnostics import Diagnostic
    from stateflow.compiler.explain import Explanation, SuspensionPoint

__all__ = ["print_diagnostics", "print_explanation", "print_json", "print_writes"]

_SEVERITY_STYLES = {"error": "bold red", "warning": "bold yellow"}


def print_json(value: object, *, to_stderr: bool = False) -> None:
    """Print a value as JSON."""
    stream = sys.stderr if to_stderr else sys.stdout
    stream.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def print_diagnostics(found: Sequence[Diagnostic], errors: int, module: str, *, to_stderr: bool = False) -> None:
    """Print diagnostics, and how many there are.

    Args:
        found: the diagnostics, in order.
        errors: how many of them are errors.
        module: what was checked.
        to_stderr: print to the error stream.
    """
    console = _console(to_stderr=to_stderr)
    for diagnostic in found:
        text = Text(str(diagnostic))
        severity = diagnostic.severity.value
        text.highlight_regex(rf"^.*?: {severity} \S+", _SEVERITY_STYLES[severity])
        text.highlight_regex(r"(?m)^\s+\| +\^+$", "red" if severity == "error" else "yellow")
        text.highlight_regex(r"(?m)^  (why|fix|docs):", "bold")
        _print(console, text)
        console.print()
    _print(console, Text(_summary(errors, len(found) - errors, module), "bold red" if errors else "bold green"))


def print_explanation(explanation: Explanation, *, is_inner: bool = False) -> None:
    """Print the source with its suspension points marked, then the points, the control-flow graph, and the functions inside.

    Args:
        explanation: what to print.
        is_inner: it is of a function inside another one.
    """
    console = _console()
    kind = "resumable" if explanation.is_resumable else "native"
    _print(console, Text(f"{explanation.name}: {kind}", "bold"))
    _print(console, Text(f"  {explanation.why}"))
    if not is_inner:
        is_read_only = "read-only: it changes no entity" if explanation.write is None else f"not read-only: {explanation.write}"
        _print(console, Text(f"  {is_read_only}"))
    console.print()
    _print_source(console, explanation)
    if explanation.points:
        _print(console, Text("\nsuspension points", "bold"))
    for number, point in enumerate(explanation.points, 1):
        _print(console, Text(f"  [{number}] line {point.line}: {_one_line(point.source)}", "cyan"))
        _print(console, Text(f"      why:  {point.reason}"))
        _print(console, Text(f"      live: {', '.join(point.live) or 'nothing'}"))
    if explanation.blocks:
        _print(console, Text("\ncontrol-flow graph", "bold"))
        _print(console, Text(explanation.ir.rstrip()))
        _print(console, Text("\nlive at the start of each block", "bold"))
        for block in explanation.blocks:
            _print(console, Text(f"  {block.label}: {', '.join(block.live) or 'nothing'}"))
    for inner in explanation.inner:
        console.print()
        print_explanation(inner, is_inner=True)


def print_writes(writes: Mapping[str, Write | None]) -> None:
    """Print which methods are read-only, and why the others are not."""
    console = _console()
    width = max(map(len, writes), default=0)
    for name, write in writes.items():
        text = "read-only" if write is None else f"not read-only: {write}"
        _print(console, Text(f"{name:{width}}  {text}", "green" if write is None else ""))


def _print_source(console: Console, explanation: Explanation) -> None:
    for line_number, line in enumerate(explanation.source_lines, explanation.first_line):
        here = [(n, p) for n, p in enumerate(explanation.points, 1) if p.line == line_number]
        _print(console, Text(f"{line_number:5} | {line}", "bold" if here else ""))
        for number, point in here:
            _print(console, Text(f"{'':5} | {_marks(line, point)} [{number}]", "cyan"))


def _marks(line: str, point: SuspensionPoint) -> str:
    end = point.end_column if point.end_line == point.line else len(line)
    before = "".join(c if c == "\t" else " " for c in line[: point.column])
    return before + "^" * max(1, end - point.column)


def _one_line(source: str) -> str:
    first, *rest = source.splitlines() or [""]
    return f"{first} ..." if rest else first


def _summary(errors: int, warnings: int, module: str) -> str:
    if not errors and not warnings:
        return f"{module}: no errors"
    return f"{module}: {_count(errors, 'error')}, {_count(warnings, 'warning')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _console(*, to_stderr: bool = False) -> Console:
    return Console(stderr=to_stderr, highlight=False, soft_wrap=True)


def _print(console: Console, text: Text) -> None:
    # Source is never wrapped or cropped: a caret must stay below its text.
    console.print(text, soft_wrap=True)
