"""Errors as problem documents (RFC 9457)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from stateflow.client.fastapi.json_values import JsonAnswer, to_json
from stateflow.errors import (
    DeadlinePassed,
    EntityAlreadyExists,
    EntityNotFound,
    LimitExceeded,
    OutcomeUnknown,
    QueueFull,
    RequestExpired,
    RequestIdReused,
    RequestUnknown,
    StateflowError,
    UnstorableValue,
)

__all__ = ["PROBLEM", "Problem", "problem_of"]

PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
    },
    "required": ["type", "title", "status"],
}
"""The JSON schema of a problem document."""

_STATUSES: Mapping[type[BaseException], int] = {
    EntityNotFound: 404,
    EntityAlreadyExists: 409,
    RequestUnknown: 404,
    RequestExpired: 410,
    RequestIdReused: 422,
    DeadlinePassed: 504,
    OutcomeUnknown: 504,
    LimitExceeded: 422,
    QueueFull: 429,
    UnstorableValue: 422,
}


class Problem(Exception):
    """A refusal that is made here, before the entity is asked."""

    def __init__(self, status: int, title: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = more

    def response(self, request_id: str = "") -> JsonAnswer:
        """Return the answer."""
        return _document(self.status, "about:blank", self.title, self.detail, request_id, self.headers, self.more)


def problem_of(error: BaseException, statuses: Mapping[type[BaseException], int], request_id: str) -> JsonAnswer:
    """Return the answer for an exception that a request ended with.

    Args:
        error: the exception; its traceback is not told.
        statuses: what the user says about exceptions, by class.
        request_id: names the request.
    """
    status = _status(error, statuses)
    if isinstance(error, StateflowError):
        headers = retry_after(1) if status == 429 else {}
        return _document(status, f"urn:stateflow:{error.code}", type(error).__name__, str(error), request_id, headers, {})
    more = {"args": to_json(list(error.args)), "exception": type(error).__name__}
    return _document(status, f"urn:exception:{type(error).__name__}", type(error).__name__, _text(error), request_id, {}, more)


def _status(error: BaseException, statuses: Mapping[type[BaseException], int]) -> int:
    for table in (statuses, _STATUSES):
        for cls in type(error).__mro__:
            if cls in table:
                return table[cls]
    return 500 if isinstance(error, StateflowError) else 400


def _text(error: BaseException) -> str:
    """Return what an exception of the user says; its type's name when it fails to say it."""
    try:
        return str(error).encode(errors="backslashreplace").decode()
    except Exception:
        return type(error).__name__


def _document(
    status: int, kind: str, title: str, detail: str, request_id: str, headers: Mapping[str, str], more: Mapping[str, Any]
) -> JsonAnswer:
    content = {"type": kind, "title": title, "status": status, "detail": detail, **more}
    given = {**headers}
    if request_id:
        content["request_id"] = request_id
        given["Stateflow-Request-Id"] = request_id
    return JsonAnswer(content, status, given, media_type="application/problem+json")


def retry_after(seconds: float) -> dict[str, str]:
    """Return the header that says when to try again."""
    return {"Retry-After": str(max(1, math.ceil(seconds)))}
