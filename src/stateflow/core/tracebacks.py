"""Tracebacks that show the user's lines only."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["clean_traceback"]

_HERE = str(Path(__file__).parents[1])


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
