"""Why a job failed, in the words of who failed: out of the Java stack traces that Flink keeps."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["is_lasting", "reason_of"]

_TEXT_LIMIT: Final = 4000
_PYTHON: Final = re.compile(r"PythonException: (?:<class '(?P<kind>[^']*)'>: )?(?P<text>.*?)(?=\n\s+at |\nCaused by: |\Z)", re.DOTALL)
_CAUSE: Final = re.compile(r"^Caused by: (?P<text>.*?)(?=\n\s+at |\nCaused by: |\n\s+\.\.\. |\Z)", re.DOTALL | re.MULTILINE)
_FIRST: Final = re.compile(r"\A(?P<text>.*?)(?=\n\s+at |\nCaused by: |\Z)", re.DOTALL)
_LASTING: Final = re.compile(
    r"PythonException|OffsetOutOfRangeException|(?:Authentication|Authorization|InvalidConfiguration|\.Config)Exception"
)
_CODED: Final = re.compile(r"\bSF\d{3}\b")


def is_lasting(stacktrace: str) -> bool:
    """Tell whether the next start would fail alike: Python raised it, the broker has deleted what comes next, or Kafka refuses access or
    its client the settings. Others may pass.
    """
    return _LASTING.search(stacktrace) is not None


def reason_of(stacktrace: str) -> str:
    """Return what went wrong, without the stack: Python's own message when Python raised it, else the innermost of Java's causes."""
    if found := _PYTHON.search(stacktrace):
        kind, text = (found["kind"] or "").rpartition(".")[2], found["text"].strip()
        return (text if _CODED.search(text) or not kind else f"{kind}: {text}")[:_TEXT_LIMIT]
    causes = _CAUSE.findall(stacktrace)
    first = _FIRST.match(stacktrace)
    return (causes[-1] if causes else first["text"] if first else "").strip()[:_TEXT_LIMIT]
