"""Errors of requests and their replies."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from stateflow.errors.root import StateflowError

__all__ = [
    "ClientClosed",
    "DeadlinePassed",
    "OutcomeUnknown",
    "RequestError",
    "RequestExpired",
    "RequestIdReused",
    "RequestUnknown",
]


class ClientClosed(StateflowError):
    """The client, or the runtime that it talks to, has been closed."""

    code = "SF542"


class OutcomeUnknown(StateflowError, TimeoutError):
    """No reply came in time; the request may still take effect. `request_id` asks for its reply later."""

    code = "SF543"

    def __init__(self, request_id: str, timeout_s: float) -> None:
        super().__init__(request_id, timeout_s)
        self.request_id = request_id
        self.timeout_s = timeout_s

    def __str__(self) -> str:
        return (
            f"{self.code}: no reply to request {self.request_id} within {self.timeout_s} s; its outcome is unknown: "
            f"wait longer with .get(timeout=...), or ask later with client.result({self.request_id!r})"
        )


class RequestError(StateflowError):
    """An error about one request. `request_id` names it."""

    sentence: ClassVar[str] = "request {id} is in error"

    def __init__(self, request_id: str) -> None:
        super().__init__(request_id)
        self.request_id = request_id

    def __str__(self) -> str:
        return f"{self.code}: " + self.sentence.format(id=self.request_id)


class RequestExpired(RequestError):
    """A request came again after its reply was dropped from the ledger. Whether it took effect is no longer known; it is not run."""

    code = "SF544"
    sentence = (
        "request {id} was submitted before what the ledger still holds; it is not run, as it may have been: "
        "look at the entities, then send a new request if it is needed"
    )


class RequestIdReused(RequestError):
    """A request has the id of another one, which asked for something else."""

    code = "SF545"
    sentence = "another request had the id {id} and asked for something else; give each request an id of its own"


class RequestUnknown(StateflowError):
    """No reply to a request is kept: it was not carried out, or it was a read, whose reply need not be kept.

    Attributes:
        request_id: the request that was asked about.
        forgotten_ns: None when this is certain. Else requests that were sent up to this time, in nanoseconds since 1970, are forgotten,
            and it may be one of them; `client.result(request_id, sent_ns=...)` tells.
    """

    code = "SF546"

    def __init__(self, request_id: str, forgotten_ns: int | None = None) -> None:
        super().__init__(request_id, forgotten_ns)
        self.request_id = request_id
        self.forgotten_ns = forgotten_ns

    def __str__(self) -> str:
        text = f"{self.code}: no reply to request {self.request_id} is kept: it was not carried out, or it was a read"
        if self.forgotten_ns is None:
            return f"{text}; send it again"
        moment = dt.datetime.fromtimestamp(self.forgotten_ns // 10**9, dt.UTC)
        return f"{text}, or it was sent before {moment:%Y-%m-%d %H:%M:%S} UTC and is forgotten; client.result(..., sent_ns=...) tells which"


class DeadlinePassed(RequestError, TimeoutError):
    """A request came to its turn after its deadline. It was not run and never will be."""

    code = "SF547"
    sentence = (
        "request {id} had not begun when its deadline passed; it was not run: send a new request, with a later deadline or under less load"
    )
