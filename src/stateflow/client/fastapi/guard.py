"""What is refused before a request is read: bodies that are too large, too deep or never end, and paths that say two things."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

from stateflow.client.fastapi.problems import Problem
from stateflow.limits import HTTP_BODY_S, HTTP_JSON_NESTING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Guard", "check_nesting", "check_path", "check_text", "guard", "guarded_body", "route_path"]

_PASSED: Final = "stateflow.guarded"

_OPENING: Final = frozenset(b"[{")
_CLOSING: Final = frozenset(b"]}")


class Guard:
    """Middleware around the endpoints of StateFlow.

    Args:
        app: what is guarded.
        root: the first part of the guarded paths; others pass.
        body_bytes: the size of a body, at most.
    """

    def __init__(self, app: ASGIApp, root: str, body_bytes: int) -> None:
        self._app = app
        self._prefix = f"/{root}/"
        self._body_bytes = body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or not route_path(scope).startswith(self._prefix):
            await self._app(scope, receive, send)
            return
        try:
            receive = await guard(scope, receive, self._body_bytes)
        except Problem as problem:
            await problem.response()(scope, receive, send)
            return
        await self._app(scope, receive, send)


async def guard(scope: Scope, receive: Receive, body_bytes: int) -> Receive:
    """Read the body of a request, and return what gives it once more.

    Raises:
        Problem: its path or its body is refused.
    """
    check_path(scope)
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > body_bytes:
            raise _too_large(body_bytes)
    try:
        async with asyncio.timeout(HTTP_BODY_S):
            body = await _collect(receive, body_bytes)
    except TimeoutError:
        raise Problem(408, "Request Timeout", f"the body did not come within {HTTP_BODY_S:.0f} s") from None
    check_nesting(body)
    scope[_PASSED] = body
    return _replay(body, receive)


async def _collect(receive: Receive, body_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Problem(400, "Bad Request", "the client went away")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > body_bytes:
            raise _too_large(body_bytes)
        if not message.get("more_body", False):
            return b"".join(parts)


def _too_large(body_bytes: int) -> Problem:
    return Problem(413, "Content Too Large", f"a body may have {body_bytes} bytes", {"Connection": "close"})


def route_path(scope: Scope) -> str:
    """Return the path of a request below the one under which the app is mounted, or which a proxy takes for it."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path.removeprefix(root) if path.startswith(f"{root}/") else path


def guarded_body(scope: Scope) -> bytes | None:
    """Return the body that a guard has read; None when the request has come through none."""
    body: bytes | None = scope.get(_PASSED)
    return body


def check_path(scope: Scope) -> None:
    """Refuse a path that would name another entity than its sender meant.

    An encoded slash would become the border of two parts; bytes that are no UTF-8 would all become one character.

    Raises:
        Problem: it has one of these.
    """
    for name in ("raw_path", "query_string"):
        part = scope.get(name, b"")
        if b"%" not in part and part.isascii():
            continue
        if name == "raw_path" and b"%2f" in part.lower():
            raise Problem(400, "Bad Request", "a key with a slash stands in a path as a tilde and the base64 form of its encoding")
        try:
            unquote_to_bytes(part).decode()
        except UnicodeDecodeError:
            raise Problem(400, "Bad Request", "percent-encoded text in a path or a query is UTF-8") from None


def check_text(body: bytes) -> None:
    """Refuse JSON with half of a surrogate pair: no text, no key and no answer can carry it.

    Raises:
        Problem: it has one.
    """
    if b"\\" not in body or b"\\ud" not in body.lower():
        return
    try:
        json.dumps(json.loads(body), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Problem(422, "Unprocessable Content", "a text in the body has half of a surrogate pair") from None
    except (ValueError, RecursionError):
        # No JSON: the endpoint says so, as of every other body.
        return


def check_nesting(body: bytes) -> None:
    """Refuse JSON that is nested too deeply, before a parser recurses into it.

    Raises:
        Problem: it is.
    """
    if body.count(b"[") + body.count(b"{") <= HTTP_JSON_NESTING:
        return  # looking at each byte takes the loop's time from other requests
    depth, is_text, is_escaped = 0, False, False
    for byte in body:
        if is_text:
            is_text = is_escaped or byte != 0x22
            is_escaped = not is_escaped and byte == 0x5C
        elif byte == 0x22:
            is_text = True
        elif byte in _OPENING:
            depth += 1
            if depth > HTTP_JSON_NESTING:
                raise Problem(422, "Unprocessable Content", f"JSON may be nested {HTTP_JSON_NESTING} deep")
        elif byte in _CLOSING:
            depth -= 1


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return what gives the body once more; after it the connection's own messages come."""
    is_given = False

    async def replay() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
