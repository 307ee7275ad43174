"""The arguments of most requests: scalars and references, written without an object graph, which is several times as fast.

A reference is a list of its class's name and its key, where nothing else is a list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from stateflow.errors import MalformedBytes
from stateflow.limits import VALUE_BYTES
from stateflow.protocol.atoms import INLINE
from stateflow.references import Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FLAT", "read_flat", "write_flat"]

FLAT: Final = b"\x01"
"""How the bytes begin; those of an object graph begin otherwise."""

_encode: Final = msgspec.msgpack.Encoder().encode
_Scalar = None | bool | int | float | str
_Part = _Scalar | tuple[str, _Scalar]
# The types bound the depth of what is read from outside; they cannot hold both kinds of text, so bytes need an object graph.
_decode: Final = msgspec.msgpack.Decoder(tuple[_Scalar, list[_Part], dict[str, _Part]]).decode
_SCALARS: Final = INLINE - {bytes}
_is_scalar: Final = _SCALARS.issuperset


def write_flat(key: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], name_of: Callable[[type], str]) -> bytes | None:
    """Return a key and arguments as bytes; None where they need an object graph.

    Args:
        key: the key of the entity, or None.
        args: the positional arguments.
        kwargs: the keyword arguments.
        name_of: names the class of a reference.
    """
    if type(key) not in _SCALARS:
        return None
    try:
        positional = args if _is_scalar(map(type, args)) else [_flat(value, name_of) for value in args]
        data = _encode((key, positional, {name: _flat(value, name_of) for name, value in kwargs.items()} if kwargs else kwargs))
    except (TypeError, OverflowError, UnicodeEncodeError):
        return None
    return FLAT + data if len(data) < VALUE_BYTES else None


def _flat(value: Any, name_of: Callable[[type], str]) -> Any:
    if type(value) in _SCALARS:
        return value
    if not issubclass(type(value), Reference) or type(value._sf_key) not in _SCALARS:
        raise TypeError("it needs an object graph")
    return (name_of(value._sf_class), value._sf_key)


def read_flat(data: bytes, find: Callable[[str, Any], Any]) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """Return the key and the arguments that `write_flat` wrote.

    Args:
        data: the bytes.
        find: returns the reference of a class's name and a key, or raises `MalformedBytes`.

    Raises:
        MalformedBytes: the bytes are something else.
    """
    if len(data) > VALUE_BYTES:
        raise MalformedBytes("SF511: these bytes are too many")
    try:
        key, args, kwargs = _decode(data[1:])
    except (msgspec.MsgspecError, ValueError) as error:
        raise MalformedBytes(f"SF511: {error}") from None
    found = args if _is_scalar(map(type, args)) else [find(*value) if type(value) is tuple else value for value in args]
    return key, tuple(found), {name: find(*value) if type(value) is tuple else value for name, value in kwargs.items()}
