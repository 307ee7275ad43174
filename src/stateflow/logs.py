"""Log records as lines of text or JSON, without anything that a user's data could be in.

An exception's message may hold arguments and states, so a log tells its type and where it was raised, and no more.
"""

from __future__ import annotations

import datetime as dt
import logging
import traceback
from typing import Any, Final

import msgspec

__all__ = ["JsonLines", "TextLines", "describe", "log_settings", "stack_of"]

FIELDS: Final = ("request_id", "method", "route", "status", "duration_ms")
"""What records of this package say by name, beside their message; `logging`'s `extra` carries it."""


def stack_of(error: BaseException) -> list[str]:
    """Return where an exception was raised, the outermost place first: file, line and function, without values."""
    frames = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), lookup_lines=False)
    return [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]


def describe(error: BaseException) -> str:
    """Return what a log may tell of an exception: its type, its causes' types, and where each was raised."""
    found: list[str] = []
    known: BaseException | None = error
    while known is not None and len(found) < 8:
        found.append("\n  ".join([type(known).__qualname__, *stack_of(known)]))
        known = known.__cause__ or (None if known.__suppress_context__ else known.__context__)
    return "\ncaused by ".join(found)


class TextLines(logging.Formatter):
    """One line for people: time, level, logger, message; then the types and places of an exception."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record."""
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {record.getMessage()}"
        error = _error(record)
        return line if error is None else f"{line}\n{describe(error)}"


class JsonLines(logging.Formatter):
    """One JSON object in a line: `time`, `level`, `logger`, `message`, the named fields, `exception` and `stack`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record."""
        time = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": time, "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        error = _error(record)
        if error is not None:
            line |= {"exception": type(error).__qualname__, "stack": stack_of(error)}
        return msgspec.json.encode(line, enc_hook=lambda value: type(value).__name__).decode()


def _error(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if record.exc_info else None


def log_settings(*, is_json: bool) -> dict[str, Any]:
    """Return settings for `logging.config` that write everything to the error stream.

    Args:
        is_json: as JSON lines, else as text.
    """
    formatter = "stateflow.logs.JsonLines" if is_json else "stateflow.logs.TextLines"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": formatter}},
        "handlers": {"errors": {"class": "logging.StreamHandler", "formatter": "lines", "stream": "ext://sys.stderr"}},
        "root": {"handlers": ["errors"], "level": "INFO"},
    }
