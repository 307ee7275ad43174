"""Tracebacks that show the user's lines only, also after a suspension."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from types import FunctionType, TracebackType
from typing import TYPE_CHECKING, Any

from stateflow.limits import TRACEBACK_ENTRIES
from stateflow.protocol.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["TRACEBACK_SHAPE", "clean_own_traceback", "clean_traceback", "with_traceback"]

# Entries of compiled code have the names of files from where they were compiled.
_HERE = (str(Path(__file__).parents[1]), "stateflow/core/", "stateflow/protocol/")


def clean_traceback(error: BaseException) -> None:
    """Drop StateFlow's own frames, and repeated entries of one frame, from the traceback of an exception and of its causes."""
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        current = pending.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        current.__traceback__ = _cleaned(current.__traceback__)
        pending += [current.__cause__, current.__context__]


def clean_own_traceback(error: BaseException) -> None:
    """Do the same for one exception, as it reaches a handler of the user."""
    error.__traceback__ = _cleaned(error.__traceback__)


def _cleaned(traceback: TracebackType | None) -> TracebackType | None:
    kept: list[TracebackType] = []
    entry = traceback
    while entry is not None:
        if not entry.tb_frame.f_code.co_filename.startswith(_HERE):
            if kept and kept[-1].tb_frame is entry.tb_frame:
                kept.pop()
            kept.append(entry)
        entry = entry.tb_next
    for first, second in itertools.pairwise(kept):
        first.tb_next = second
    if kept:
        kept[-1].tb_next = None
        return kept[0]
    return traceback


def _entries(traceback: TracebackType | None) -> list[Any]:
    """Return file, function and line of the user's entries one after the other, the outermost first; of many the innermost ones."""
    found: list[tuple[str, str, int]] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not code.co_filename.startswith(_HERE):
            found.append((code.co_filename, code.co_name, traceback.tb_lineno))
        traceback = traceback.tb_next
    return [part for entry in found[-TRACEBACK_ENTRIES:] for part in entry]


def _rebuilt(children: Sequence[Any]) -> TracebackType | None:
    """Return a traceback with these entries. Its frames are those of functions that did nothing, under the names of the user's."""
    following: TracebackType | None = None
    for start in range(len(children) - 3, -1, -3):
        filename, name, line = children[start : start + 3]
        if type(filename) is not str or type(name) is not str or type(line) is not int:
            raise TypeError("an entry of a traceback is a file, a function and a line")
        code = _own_frame.__code__.replace(co_filename=filename, co_name=name, co_firstlineno=line, co_linetable=_ONE_LINE)
        frame = FunctionType(code, {"sys": sys})()
        following = TracebackType(following, frame, frame.f_lasti, line)
    return following


def _own_frame() -> Any:
    return sys._getframe()


def _one_line(units: int) -> bytes:
    """Return the table of lines of code that stands on its first line as a whole, without columns: entries of up to 8 units (PEP 626)."""
    sizes = [min(8, units - start) for start in range(0, units, 8)]
    return b"".join(bytes([0x80 | 13 << 3 | size - 1, 0]) for size in sizes)


_ONE_LINE = _one_line(len(_own_frame.__code__.co_code) // 2)
TRACEBACK_SHAPE = Shape("traceback", _entries, _rebuilt)
"""Where a traceback ran; the frames themselves cannot be stored."""


def with_traceback(shape: Shape) -> Shape:
    """Return the shape of an exception with its traceback, as frames keep it."""

    def flatten(error: BaseException) -> list[Any]:
        return [error.__traceback__, *shape.flatten(error)]

    def fill(error: Any, children: Sequence[Any]) -> None:
        shape.fill(error, children[1:])  # type: ignore[misc]
        error.__traceback__ = children[0]

    def make(children: Sequence[Any]) -> Any:
        error = shape.make(children[1:])  # type: ignore[misc]
        error.__traceback__ = children[0]
        return error

    def names(error: BaseException) -> list[str]:
        return [".__traceback__", *(shape.names(error) if shape.names is not None else ())]

    tag = f"{shape.tag} with traceback"
    if shape.make is not None:
        return Shape(tag, flatten, make, names=names)
    return Shape(tag, flatten, new=shape.new, fill=fill, names=names)
