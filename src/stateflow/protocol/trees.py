"""States in which each object is held once, as MessagePack: in less than half the time of a graph, for what most states are made of.

A *tree* state is one byte and a MessagePack map of names to tokens. A token is a plain scalar, or an array that says what it is:

    [0, class, key]                  a reference; the key is a scalar, or an array for a tuple of scalars
    [1, scalar, scalar...]           a tuple
    [2, scalar, scalar...]           a list
    [3, tag, [part...], [part...]]   a tuple of objects of one value class, all of whose parts are scalars
    [4, tag, [part...], [part...]]   a list of them
    [5, class, key, key...]          a list of references to entities of one class

Whatever else a state holds, and any object that it holds twice, needs an object graph (`stateflow.protocol.values`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from stateflow.errors import MalformedBytes
from stateflow.limits import VALUE_NODES
from stateflow.protocol.atoms import INLINE
from stateflow.protocol.states import TREE

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from stateflow.protocol.shapes import Shape

__all__ = ["KINDS", "TreeCodec", "is_object_tag"]

KINDS = range(6)
"""What a token may begin with."""

_REFERENCE, _TUPLE, _LIST, _TUPLE_OF_OBJECTS, _LIST_OF_OBJECTS, _LIST_OF_REFERENCES = KINDS
_REFERENCE_TAG = "reference"
_are_scalars = INLINE.issuperset
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[str, Any]).decode


class TreeCodec:
    """Writes and reads tree states.

    Args:
        shapes: the shapes of the flow.
        own: the shapes of one runtime, which win; those of references are among them.
        constants: the addresses of objects that are stored by their names.
        shape_of_tag: the shape by which an object with this tag is read.
    """

    def __init__(
        self, shapes: Mapping[type, Shape], own: Mapping[type, Shape], constants: Container[int], shape_of_tag: Callable[[str], Shape]
    ) -> None:
        self._shapes = shapes
        self._own = own
        self._constants = constants
        self._shape_of_tag = shape_of_tag

    def encode(self, state: dict[str, Any]) -> bytes | None:
        """Return a state as bytes; None for one that is no tree.

        Raises:
            OverflowError: a number is too large for MessagePack.
            UnicodeEncodeError: a text is no Unicode.
        """
        held: list[Any] = []
        tokens: dict[str, Any] = {}
        for name, value in state.items():
            if type(value) in INLINE:
                tokens[name] = value
            elif (token := self._token(value, held)) is not None:
                tokens[name] = token
            else:
                return None
        addresses = set(map(id, held))
        if len(addresses) != len(held) or len(held) > VALUE_NODES or any(map(self._constants.__contains__, addresses)):
            return None
        return TREE + _encode(tokens)

    def _token(self, value: Any, held: list[Any]) -> list[Any] | None:
        """Return what stands for a value, and add the objects in it to those that must not be met again."""
        kind = type(value)
        if kind is tuple or kind is list:
            # There is one empty tuple.
            if value or kind is list:
                held.append(value)
            kinds = set(map(type, value))
            if _are_scalars(kinds):
                return [_TUPLE if kind is tuple else _LIST, *value]
            return self._of_one_class(value, kinds.pop(), held) if len(kinds) == 1 else None
        shape = self._own.get(kind)
        if shape is None or shape.tag != _REFERENCE_TAG:
            return None
        class_name, key = shape.flatten(value)
        return [_REFERENCE, class_name, key] if _is_plain_key(key) else None

    def _of_one_class(self, values: Sequence[Any], kind: type, held: list[Any]) -> list[Any] | None:
        own = self._own.get(kind)
        if own is None:
            shape = self._shapes.get(kind)
            if shape is None or not is_object_tag(shape.tag):
                return None
            parts = list(map(shape.flatten, values))
            held += values
            return [_TUPLE_OF_OBJECTS if type(values) is tuple else _LIST_OF_OBJECTS, shape.tag, *parts] if _are_plain(parts) else None
        if own.tag != _REFERENCE_TAG or type(values) is tuple:
            return None
        pairs = list(map(own.flatten, values))
        keys = [key for _, key in pairs]
        return [_LIST_OF_REFERENCES, pairs[0][0], *keys] if all(map(_is_plain_key, keys)) else None

    def decode(self, data: bytes) -> dict[str, Any]:
        """Return the state that `encode` wrote.

        Raises:
            MalformedBytes: the bytes are not a tree state of this flow.
        """
        try:
            state = _decode(memoryview(data)[1:])
            for name, token in state.items():
                if type(token) is list:
                    state[name] = self._value(token)
                elif type(token) not in INLINE:
                    raise MalformedBytes("SF511: a scalar that StateFlow does not write")
        except MalformedBytes:
            raise
        except Exception as error:
            raise MalformedBytes(f"SF511: {type(error).__name__}: {error}") from error
        return state

    def _value(self, token: list[Any]) -> Any:
        kind, *parts = token
        if kind in (_TUPLE, _LIST) and _are_scalars(map(type, parts)):
            return tuple(parts) if kind == _TUPLE else parts
        if kind in (_TUPLE_OF_OBJECTS, _LIST_OF_OBJECTS):
            tag, *rest = parts
            shape = self._shape_of_tag(tag)
            if _are_plain(rest):
                made = list(map(shape.build, rest))
                return tuple(made) if kind == _TUPLE_OF_OBJECTS else made
        elif kind in (_REFERENCE, _LIST_OF_REFERENCES):
            build = self._shape_of_tag(_REFERENCE_TAG).build
            class_name, *keys = parts
            references = [build([class_name, _key(key)]) for key in keys]
            if kind == _LIST_OF_REFERENCES:
                return references
            (reference,) = references
            return reference
        raise MalformedBytes("SF511: a value that StateFlow does not write")


def is_object_tag(tag: str) -> bool:
    """Tell whether objects with a tag, which are those of the user's classes, may be in a tuple or list of a tree."""
    return tag.startswith("class ")


def _is_plain_key(key: Any) -> bool:
    return type(key) in INLINE or (type(key) is tuple and _are_scalars(map(type, key)))


def _key(token: Any) -> Any:
    if type(token) is list:
        token = tuple(token)
    if not _is_plain_key(token):
        raise MalformedBytes("SF511: a key that StateFlow does not write")
    return token


def _are_plain(objects: list[Any]) -> bool:
    """Tell whether the parts of all objects are scalars."""
    return all(_are_scalars(map(type, parts)) for parts in objects)
