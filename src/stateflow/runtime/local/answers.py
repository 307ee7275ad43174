"""What the worker asks of an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from stateflow.protocol.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stateflow.protocol.messages import Request
    from stateflow.references import ReferenceTable

__all__ = ["Answer", "Engine", "RequestExecutor", "Unkept"]


class Answer(Struct, frozen=True):
    """The reply to a request. It may leave at once, or only after the next commit, on which it depends."""

    reply: Reply
    at_once: bool


class RequestExecutor(Protocol):
    """What runs one request as a transaction; `stateflow.core.executor.Executor` does."""

    def execute(self, request: Request, references: ReferenceTable) -> Reply:
        """Run `request` to its end; the reply's references are made by `references`."""


class Engine(Protocol):
    """What the worker drives."""

    def fetch(self, requests: Sequence[Request]) -> None:
        """Get ready for requests that will be answered soon. It must not raise."""

    def answer(self, request: Request, references: ReferenceTable) -> Answer | None:
        """Carry a request out; None asks for a commit of what was answered so far, and then for the request again."""

    def is_read(self, request: Request) -> bool:
        """Tell whether a request can change nothing and runs none of the user's code, so that it is soon done and may run again."""

    def must_commit(self) -> bool:
        """Tell whether the next commit should not wait for further requests."""

    def commit(self) -> None:
        """Make everything durable that was answered so far."""

    def discard(self) -> None:
        """Throw away what is not durable, after a failure."""


class Unkept:
    """An engine over an executor that keeps nothing."""

    def __init__(self, executor: RequestExecutor) -> None:
        self._executor = executor

    def fetch(self, requests: Sequence[Request]) -> None:
        """Do nothing."""

    def answer(self, request: Request, references: ReferenceTable) -> Answer:
        """Carry a request out."""
        return Answer(self._executor.execute(request, references), True)

    def is_read(self, request: Request) -> bool:
        """Nothing is known of what the executor does."""
        return False

    def must_commit(self) -> bool:
        """There is never anything to commit."""
        return False

    def commit(self) -> None:
        """Do nothing."""

    def discard(self) -> None:
        """Do nothing."""
