"""Requests to a server of entities, as `stateflow call --url` sends them."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import msgspec

from stateflow.client.key_text import to_text
from stateflow.errors import ConfigurationError
from stateflow.references import Reference

if TYPE_CHECKING:
    from stateflow.cli.arguments import Arguments

__all__ = ["RemoteError", "send_call", "send_create"]

_TIMEOUT_S = 60.0


class RemoteError(Exception):
    """What a server answered instead of a result."""


def send_create(url: str, cls: type, arguments: Arguments) -> Any:
    """Create an entity on a server and return its class and key.

    Raises:
        RemoteError: the server refused it.
        ConfigurationError: no server answers there.
    """
    return _post(f"{_root(url)}/{cls.__name__}", arguments)


def send_call(url: str, cls: type, key: object, name: str, arguments: Arguments) -> Any:
    """Call a method on a server and return its result, as JSON holds it.

    Raises:
        RemoteError: the server refused it, or the method raised.
        ConfigurationError: no server answers there.
    """
    return _post(f"{_root(url)}/{cls.__name__}/{quote(to_text(key), safe='')}/{name}", arguments)


def _root(url: str) -> str:
    """Return where the endpoints are; a path in the URL is another root than the usual one."""
    full = url if "://" in url else f"http://{url}"
    if urlsplit(full).scheme not in ("http", "https"):
        raise ConfigurationError(f"SF540: {url} is no address of a server, such as localhost:8000")
    return full.rstrip("/") if urlsplit(full).path.strip("/") else f"{full.rstrip('/')}/stateflow"


def _post(url: str, arguments: Arguments) -> Any:
    body = msgspec.json.encode(arguments.by_name, enc_hook=_encode)
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
            return msgspec.json.decode(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            raise RemoteError(_problem(error.code, error.read())) from None
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(f"SF540: no server of entities answers at {url} ({error})") from error


def _problem(status: int, body: bytes) -> str:
    try:
        problem = msgspec.json.decode(body)
        return f"{problem['title']}: {problem['detail']}"
    except (msgspec.DecodeError, KeyError, TypeError):
        return f"the server answered with status {status}"


def _encode(value: Any) -> Any:
    return to_text(value._sf_key) if issubclass(type(value), Reference) else repr(value)
