"""States of entities as JSON that people can read, and back: every state, exactly, and without the classes that are in it.

A state is an object graph (`stateflow.protocol.values`). In JSON it is an object of the entity's attributes. Text, true, false, null and
finite numbers stand for themselves, a list is an array, a dict with text for keys is an object. Everything else is an object whose first
member begins with a dollar sign:

    {"$bytes": "..."}                           bytes, in Base64
    {"$float": "7ff8000000000000"}              a float that JSON lacks, as its eight bytes
    {"$": "tuple", "parts": [...]}              an object of another type, by its name in stored bytes
    {"$": "list", "id": 1, "parts": [...]}      an object that is met again, as
    {"$ref": 1}                                 this; 0 is the entity itself
    {"$graph": ...}                             a whole state that nests deeper than readers of JSON like, as the table of its objects
"""

from __future__ import annotations

import math
import struct
from typing import Any

import msgspec

from stateflow.errors import LimitExceeded, MalformedBytes
from stateflow.limits import JSON_NESTING, VALUE_BYTES
from stateflow.protocol.atoms import INLINE
from stateflow.protocol.json_keys import from_base64, to_base64
from stateflow.protocol.states import FLAT, TREE
from stateflow.protocol.tree_graphs import UNNUMBERED, graph_of_tree, tree_of_graph

__all__ = ["state_from_json", "state_to_json"]

_GRAPH = b"SF\x01"
_ROOT_ID = 0
_encode = msgspec.msgpack.Encoder().encode
_decode_flat = msgspec.msgpack.Decoder(dict[str, Any]).decode
_decode_graph = msgspec.msgpack.Decoder(tuple[Any, list[str], list[list[Any]]]).decode


class _TooDeep(Exception):
    pass


def state_to_json(data: bytes, class_name: str) -> dict[str, Any]:
    """Return the stored state of an entity as what JSON holds.

    Args:
        data: the state, as the database has it.
        class_name: the name of the class in the version that wrote it.

    Raises:
        MalformedBytes: the bytes are not a state.
    """
    try:
        if data[:1] == FLAT:
            return {_attribute(name): _scalar_to_json(value) for name, value in _decode_flat(data[1:]).items()}
        if data[:1] != TREE and data[:3] != _GRAPH:
            raise ValueError("it does not begin as a state")
        root, tags, nodes = graph_of_tree(data, class_name) if data[:1] == TREE else _decode_graph(data[3:])
        if type(root) is not list or tags[nodes[root[0]][0]] != f"entity {class_name}":
            raise ValueError(f"it is not one of {class_name}")
    except (msgspec.MsgspecError, ValueError, LookupError, TypeError) as error:
        raise MalformedBytes(f"SF511: these bytes are not the state of an entity ({error})") from error
    try:
        return _Writer(root[0], tags, nodes).write()
    except _TooDeep:
        return {"$graph": _table_to_json(root, tags, nodes)}
    except (LookupError, TypeError) as error:
        raise MalformedBytes(f"SF511: these bytes are not the state of an entity ({type(error).__name__}: {error})") from error


def state_from_json(value: Any, class_name: str) -> bytes:
    """Return the stored state that `state_to_json` was given.

    Raises:
        MalformedBytes: the value is not the JSON of a state.
        LimitExceeded: the state is too large.
    """
    try:
        if type(value) is not dict:
            raise ValueError("a state is an object of attributes")
        data = _table_from_json(value["$graph"], class_name) if "$graph" in value else _Reader(class_name).read(value)
    except (LookupError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise MalformedBytes(f"SF511: this is not the JSON of a state ({type(error).__name__}: {error})") from error
    if len(data) > VALUE_BYTES + len(_GRAPH):
        raise LimitExceeded(f"SF530: the state takes {len(data)} bytes, more than {VALUE_BYTES}; split it over several entities")
    return data


def _attribute(name: str) -> str:
    # So that no attribute is taken for one of the forms above.
    return f"${name}" if name.startswith("$") else name


def _scalar_to_json(value: Any) -> Any:
    if type(value) is bytes:
        return {"$bytes": to_base64(value)}
    if type(value) is float and not math.isfinite(value):
        return {"$float": struct.pack(">d", value).hex()}
    return value


def _scalar_from_json(value: dict[str, Any]) -> Any:
    ((form, text),) = value.items()
    if form == "$bytes":
        return from_base64(text)
    if form == "$float":
        return struct.unpack(">d", bytes.fromhex(text))[0]
    raise ValueError(f"there is no form {form}")


class _Writer:
    """Writes the graph of one state, each object where it is first met."""

    def __init__(self, root: int, tags: list[str], nodes: list[list[Any]]) -> None:
        self._root = root
        self._tags = tags
        self._nodes = nodes
        self._ids = {root: _ROOT_ID}
        self._shared = self._find_shared()
        self._written: set[int] = {root}

    def _find_shared(self) -> set[int]:
        met: set[int] = set()
        shared: set[int] = set()
        for node in self._nodes:
            for token in node[1:]:
                if type(token) is list:
                    (shared if token[0] in met else met).add(token[0])
        return shared

    def write(self) -> dict[str, Any]:
        """Return the attributes of the entity."""
        parts = self._nodes[self._root][1:]
        names, values = parts[::2], parts[1::2]
        if any(type(name) is not str for name in names):
            raise TypeError("the name of an attribute is text")
        return {_attribute(name): self._token(value, 1) for name, value in zip(names, values, strict=True)}

    def _token(self, token: Any, nesting: int) -> Any:
        if type(token) is not list:
            return _scalar_to_json(token)
        number = token[0]
        if number in self._written:
            return {"$ref": self._ids[number]}
        if nesting > JSON_NESTING:
            raise _TooDeep
        self._written.add(number)
        identity = self._ids[number] = len(self._ids)
        tag, parts = self._tags[self._nodes[number][0]], self._nodes[number][1:]
        if number not in self._shared:
            if tag == "list":
                return [self._token(part, nesting + 1) for part in parts]
            if tag == "dict" and all(type(name) is str and not name.startswith("$") for name in parts[::2]):
                return {name: self._token(value, nesting + 1) for name, value in zip(parts[::2], parts[1::2], strict=True)}
        written = {"$": tag, "id": identity} if number in self._shared else {"$": tag}
        return {**written, "parts": [self._token(part, nesting + 1) for part in parts]}


class _Reader:
    """Numbers the objects of a state as the value codec does: those that an object holds come before it."""

    def __init__(self, class_name: str) -> None:
        self._tag = f"entity {class_name}"
        self._tags: list[str] = []
        self._nodes: list[list[Any]] = []
        self._tokens: dict[int, list[int]] = {}

    def read(self, state: dict[str, Any]) -> bytes:
        """Return the encoded state."""
        attributes = {name[1:] if name.startswith("$$") else name: value for name, value in state.items()}
        if all(_is_scalar(value) for value in attributes.values()):
            return FLAT + _encode({name: self._token(value) for name, value in attributes.items()})
        root = self._tokens[_ROOT_ID] = [UNNUMBERED]
        tokens = {name: self._token(value) for name, value in attributes.items()}
        tree = tree_of_graph(tokens, self._nodes)
        if tree is not None:
            return tree
        self._close(root, self._tag, [part for pair in tokens.items() for part in pair])
        tags: dict[str, int] = {}
        for node in self._nodes:
            node[0] = tags.setdefault(node[0], len(tags))
        return _GRAPH + _encode((root, list(tags), self._nodes))

    def _close(self, token: list[int], tag: str, parts: list[Any]) -> list[int]:
        token[0] = len(self._nodes)
        self._nodes.append([tag, *parts])
        return token

    def _token(self, value: Any) -> Any:
        if type(value) is list:
            return self._close([0], "list", [self._token(part) for part in value])
        if type(value) is not dict:
            return value
        if "$" in value:
            return self._object(value)
        if "$ref" in value:
            return self._tokens[value["$ref"]]
        if any(name.startswith("$") for name in value):
            return _scalar_from_json(value)
        return self._close([0], "dict", [part for name, held in value.items() for part in (name, self._token(held))])

    def _object(self, value: dict[str, Any]) -> list[int]:
        token = [0]
        if "id" in value and self._tokens.setdefault(value["id"], token) is not token:
            raise ValueError(f"two objects have the id {value['id']}")
        tag = value["$"]
        if type(tag) is not str:
            raise TypeError("the type of an object is text")
        return self._close(token, tag, [self._token(part) for part in value["parts"]])


def _is_scalar(value: Any) -> bool:
    return type(value) in INLINE or (type(value) is dict and len(value) == 1 and next(iter(value)) in ("$bytes", "$float"))


def _table_to_json(root: list[int], tags: list[str], nodes: list[list[Any]]) -> dict[str, Any]:
    # A token that names an object is a list, which no scalar is.
    return {"root": root, "tags": tags, "nodes": [[_scalar_to_json(token) for token in node] for node in nodes]}


def _table_from_json(table: Any, class_name: str) -> bytes:
    root, tags = table["root"], table["tags"]
    nodes = [[_scalar_from_json(token) if type(token) is dict else token for token in node] for node in table["nodes"]]
    if tags[nodes[root[0]][0]] != f"entity {class_name}":
        raise ValueError(f"it is not one of {class_name}")
    return _GRAPH + _encode((root, tags, nodes))
