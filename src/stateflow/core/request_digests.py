"""Digests of requests: they tell two requests of one id and different contents apart, also after classes and methods were renamed."""

from __future__ import annotations

import itertools
import zlib
from typing import TYPE_CHECKING, Any, Final

import msgspec

from stateflow.errors import LimitExceeded
from stateflow.limits import FORMER_DIGESTS, MESSAGE_BYTES
from stateflow.protocol.flat_arguments import FLAT
from stateflow.protocol.keys import encode_key
from stateflow.references import Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stateflow.dataflow import Dataflow
    from stateflow.protocol.messages import Request
    from stateflow.protocol.steps import Start

__all__ = ["digest_of", "digest_of_start", "former_digests"]


def _name_reference(value: Any) -> Any:
    if issubclass(type(value), Reference):
        return (value._sf_class.__qualname__, value._sf_key)
    raise NotImplementedError


# How flat arguments begin: with their mark and the head of a tuple of three.
_FLAT_HEAD: Final = FLAT + b"\x93"

_encode: Final = msgspec.msgpack.Encoder(enc_hook=_name_reference, order="deterministic").encode


def digest_of(request: Request, size_of: Callable[[object], int]) -> int:
    """Return a number for what a request asks for; arguments without a canonical form do not count.

    Args:
        request: the request.
        size_of: tells how many bytes arguments without a canonical form take.

    Raises:
        LimitExceeded: the request is too large.
    """
    data, is_whole = _bytes(request, request.class_name, request.name, _encode)
    size = len(data) if is_whole else len(data) + size_of((request.args, request.kwargs))
    if size > MESSAGE_BYTES:
        name = request.request_id
        raise LimitExceeded(f"SF530: request {name} takes {size} bytes, more than {MESSAGE_BYTES}; send its arguments in parts")
    return zlib.crc32(data)


def digest_of_start(start: Start, request: Request) -> int:
    """Return `digest_of` a request that came in a message; in the shortest way where the message has the very bytes that it is made of.

    Args:
        start: the message.
        request: what was read of it.

    Raises:
        LimitExceeded: the request is too large.
    """
    arguments = start.arguments
    # The order of keyword arguments does not count.
    if request.kwargs or arguments[:2] != _FLAT_HEAD or len(arguments) > MESSAGE_BYTES // 2:
        return digest_of(request, lambda _: len(arguments))
    # A tuple of six; the last three of its parts are the three of the flat arguments.
    head = b"\x96" + _encode((start.operation, start.class_name, start.name))[1:]
    return zlib.crc32(arguments[2:], zlib.crc32(head))


def _bytes(request: Request, class_name: str, name: str, encode: Callable[[object], bytes]) -> tuple[bytes, bool]:
    """Return a request as bytes, and whether its arguments are in them."""
    # Not `value`, which is a property in Python.
    head = (request.operation._value_, class_name, name)
    try:
        return encode((*head, request.key, request.args, request.kwargs)), True
    except Exception:
        # MessagePack holds no lone surrogates and no large numbers, and Python writes no larger ones in decimal; a key may be any of these.
        return encode((*head, None if request.key is None else encode_key(request.key))), False


def former_digests(request: Request, flow: Dataflow) -> Iterator[int]:
    """Yield the digests that a request has under every name, present or former, of the classes and the method that it names."""
    cls = flow.by_name.get(request.class_name)
    if cls is None:
        return
    # A request that comes late has the former name of its class, while its references have become those of the present one.
    referenced = list(dict.fromkeys(_classes_of_references(request)))
    named = [flow.names_of_class(cls), flow.names_of_method(cls, request.name), *map(flow.names_of_class, referenced)]
    for name, method, *names in itertools.islice(itertools.product(*named), FORMER_DIGESTS):
        encode = _encoder(dict(zip(referenced, names, strict=True)))
        yield zlib.crc32(_bytes(request, name, method, encode)[0])


def _classes_of_references(request: Request) -> list[type]:
    found: list[type] = []

    def note(value: Any) -> Any:
        if issubclass(type(value), Reference):
            found.append(value._sf_class)
        return _name_reference(value)

    _bytes(request, request.class_name, request.name, msgspec.msgpack.Encoder(enc_hook=note).encode)
    return found


def _encoder(names: dict[type, str]) -> Callable[[object], bytes]:
    def name(value: Any) -> Any:
        class_name, key = _name_reference(value)
        return (names.get(value._sf_class, class_name), key)

    return msgspec.msgpack.Encoder(enc_hook=name, order="deterministic").encode
