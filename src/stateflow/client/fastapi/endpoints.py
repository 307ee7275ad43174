"""How an HTTP request becomes a request of the client, and its reply an answer."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import re
import uuid
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from fastapi import Request, Response

from stateflow.client.arrivals import arrivals_in
from stateflow.client.fastapi.json_values import JsonAnswer, to_json
from stateflow.client.fastapi.problems import Problem, problem_of, retry_after
from stateflow.client.fastapi.settings import Access
from stateflow.client.key_text import BadKey, from_text, to_text
from stateflow.references import Reference

if TYPE_CHECKING:
    from stateflow.client.base import StateflowClient
    from stateflow.client.fastapi.settings import HttpSettings
    from stateflow.client.future import StateflowFuture

__all__ = ["Gate"]

_REQUEST_ID: Final = re.compile(r"[\x21-\x7e]{1,200}")


class Gate:
    """The way of all endpoints to the client: allowed, bounded, named, waited for.

    Args:
        client: the client.
        settings: what the user decided.
    """

    def __init__(self, client: StateflowClient, settings: HttpSettings) -> None:
        self.client = client
        self.settings = settings
        # Replies take requests out in the engine's thread, which a set allows and a count would not.
        self._outstanding: set[StateflowFuture[Any]] = set()
        # To draw each id at random would be a system call, in which this thread loses the interpreter to the engine's.
        self._prefix = f"http-{uuid.uuid4().hex}"
        self._numbers = itertools.count(1)

    def key(self, text: str, key_type: type) -> Any:
        """Return the key in a path.

        Raises:
            Problem: it is none.
        """
        try:
            return from_text(text, key_type)
        except BadKey as error:
            raise Problem(404, "Not Found", str(error)) from None

    def request_id(self, request: Request) -> str:
        """Return the id that the sender gave by `Idempotency-Key`, or a new one.

        Raises:
            Problem: what the sender gave is no id.
        """
        given = _header(request, b"idempotency-key")
        if given is None:
            return f"{self._prefix}-{next(self._numbers)}"
        if not _REQUEST_ID.fullmatch(given):
            raise Problem(422, "Unprocessable Content", "an Idempotency-Key has 1 to 200 printable ASCII characters without spaces")
        return given

    def known_request_id(self, text: str) -> str:
        """Return the request id in a path.

        Raises:
            Problem: no request has such an id.
        """
        if not _REQUEST_ID.fullmatch(text):
            raise Problem(404, "Not Found", "no request has this id: ids have 1 to 200 printable ASCII characters without spaces")
        return text

    @property
    def asks(self) -> bool:
        """Whether there is a hook to ask."""
        return self.settings.authorize is not None

    async def allow(self, access: Access) -> None:
        """Ask the user's hook.

        Raises:
            Problem: it does not allow this.
        """
        if self.settings.authorize is None:
            return
        answer = self.settings.authorize(access)
        if not (await answer if inspect.isawaitable(answer) else answer):
            what = f"{access.operation} {access.class_name}{'.' if access.method else ''}{access.method}".strip()
            raise Problem(403, "Forbidden", f"{what} is not allowed")

    async def answer(self, request: Request, future: StateflowFuture[Any], status: int = 200) -> Response:
        """Wait for the reply and return it, or say where it will be."""
        self._outstanding.add(future)
        if "respond-async" in (_header(request, b"prefer") or ""):
            future.add_done_callback(self._outstanding.discard)
            return self._later(future.request_id, 202)
        await self._arrival(future)
        if not future.done():
            late = f"no reply within {self.settings.timeout_s:g} s; whether the request takes effect is not known yet"
            return Problem(504, "Gateway Timeout", late, self._location(future.request_id)).response(future.request_id)
        return self.finished(future, status)

    async def _arrival(self, future: StateflowFuture[Any]) -> None:
        """Wait until the reply is there or the time is over: one timer, and one callback for all that the reply ends."""
        loop = asyncio.get_running_loop()
        arrival: asyncio.Future[None] = loop.create_future()
        arrivals = arrivals_in(loop)

        def arrive(done: StateflowFuture[Any]) -> None:
            self._outstanding.discard(done)
            arrivals.add(arrival)

        future.add_done_callback(arrive)
        timer = loop.call_later(self.settings.timeout_s, _give_up, arrival)
        try:
            await arrival
        finally:
            timer.cancel()

    def finished(self, future: StateflowFuture[Any], status: int = 200) -> Response:
        """Return the answer for a reply that is there."""
        error = future.exception(0)
        if error is not None:
            return problem_of(error, self.settings.statuses, future.request_id)
        headers = {"Stateflow-Request-Id": future.request_id}
        if status == 204:
            return Response(status_code=204, headers=headers)
        value = future.get(0)
        if status == 201 and issubclass(type(value), Reference):
            key = to_text(value._sf_key)
            value = {"class": value._sf_class.__name__, "key": key}
        return JsonAnswer(to_json(value), status, headers)

    def check_room(self) -> None:
        """Refuse a request while too many wait for replies.

        Raises:
            Problem: too many wait.
        """
        if len(self._outstanding) >= self.settings.outstanding:
            raise Problem(429, "Too Many Requests", f"{len(self._outstanding)} requests wait for replies", retry_after(1))

    def _later(self, request_id: str, status: int) -> Response:
        return JsonAnswer({"request_id": request_id}, status, {"Stateflow-Request-Id": request_id, **self._location(request_id)})

    def _location(self, request_id: str) -> dict[str, str]:
        return {"Location": f"/{self.settings.root}/requests/{quote(request_id)}"}


def _give_up(arrival: asyncio.Future[None]) -> None:
    if not arrival.done():
        arrival.set_result(None)


def _header(request: Request, name: bytes) -> str | None:
    """Return a header of a request. The framework's table of headers raises and catches two exceptions for one that is not there."""
    for known, value in request.scope["headers"]:
        if known == name:
            return str(value, "latin-1")
    return None
