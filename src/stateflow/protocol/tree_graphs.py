"""Tree states as object graphs that say the same, and back, without the classes that are in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from stateflow.protocol.states import TREE
from stateflow.protocol.trees import KINDS, is_object_tag

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["UNNUMBERED", "graph_of_tree", "tree_of_graph"]

UNNUMBERED = -1
"""Where a token names the entity itself, whose node comes last."""

_REFERENCE, _TUPLE, _LIST, _TUPLE_OF_OBJECTS, _LIST_OF_OBJECTS, _LIST_OF_REFERENCES = KINDS
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[str, Any]).decode


def graph_of_tree(data: bytes, class_name: str) -> tuple[list[int], list[str], list[list[Any]]]:
    """Return the root, the tags and the nodes of the object graph that says the same as the tree state of an entity.

    Raises:
        ValueError: the bytes are no tree state; `TypeError`, `LookupError` and `msgspec.MsgspecError` say the same.
    """
    nodes: list[list[Any]] = []

    def node(tag: str, parts: Any) -> list[int]:
        nodes.append([tag, *parts])
        return [len(nodes) - 1]

    def reference(name: Any, key: Any) -> list[int]:
        return node("reference", [name, node("tuple", key) if type(key) is list else key])

    def token_of(token: Any) -> Any:
        if type(token) is not list:
            return token
        kind, *parts = token
        if kind == _REFERENCE:
            return reference(*parts)
        if kind in (_TUPLE, _LIST):
            return node("tuple" if kind == _TUPLE else "list", parts)
        if kind == _LIST_OF_REFERENCES:
            return node("list", [reference(parts[0], key) for key in parts[1:]])
        if kind in (_TUPLE_OF_OBJECTS, _LIST_OF_OBJECTS):
            return node("tuple" if kind == _TUPLE_OF_OBJECTS else "list", [node(parts[0], part) for part in parts[1:]])
        raise ValueError(f"it holds a value of kind {kind}")

    attributes = [part for name, token in _decode(memoryview(data)[1:]).items() for part in (name, token_of(token))]
    root = node(f"entity {class_name}", attributes)
    tags: dict[str, int] = {}
    for found in nodes:
        found[0] = tags.setdefault(found[0], len(tags))
    return root, list(tags), nodes


def tree_of_graph(attributes: dict[str, Any], nodes: Sequence[Sequence[Any]]) -> bytes | None:
    """Return the tree state with these attributes; None when they are no tree.

    Args:
        attributes: a token for each.
        nodes: those that the tokens name, each with its tag in front.
    """
    graph = _Graph(nodes)
    tokens = {name: graph.token_of(token) for name, token in attributes.items()}
    if graph.is_any_held_twice() or any(tokens[name] is None and token is not None for name, token in attributes.items()):
        return None
    return TREE + _encode(tokens)


class _Graph:
    """Nodes of a graph, as they come into a tree; None is returned for what is not the way it is there."""

    def __init__(self, nodes: Sequence[Sequence[Any]]) -> None:
        self._nodes = nodes
        self._held: list[int] = []

    def is_any_held_twice(self) -> bool:
        return len(set(self._held)) != len(self._held)

    def token_of(self, token: Any) -> Any:
        if type(token) is not list:
            return token
        tag, parts = self._open(token)
        if tag == "reference":
            reference = self._reference_of(parts)
            return None if reference is None else [_REFERENCE, *reference]
        if tag not in ("tuple", "list"):
            return None
        if _are_scalars(parts):
            return [_TUPLE if tag == "tuple" else _LIST, *parts]
        return self._objects_of(tag, [self._open(part) for part in parts]) if all(type(part) is list for part in parts) else None

    def _open(self, token: list[int]) -> tuple[str, Sequence[Any]]:
        self._held.append(token[0])
        tag, *parts = self._nodes[token[0]] if token[0] != UNNUMBERED else ("",)
        return tag, parts

    def _reference_of(self, parts: Sequence[Any]) -> list[Any] | None:
        name, key = parts
        if type(key) is list:
            tag, key = self._open(key)
            if tag != "tuple" or not _are_scalars(key):
                return None
        return [name, key]

    def _objects_of(self, outer: str, objects: list[tuple[str, Sequence[Any]]]) -> list[Any] | None:
        (tag, *others) = {tag for tag, _ in objects}
        if others:
            return None
        if tag == "reference" and outer == "list":
            references = [self._reference_of(parts) for _, parts in objects]
            found = [reference for reference in references if reference is not None]
            is_plain = len(found) == len(references) and len({name for name, _ in found}) == 1
            return [_LIST_OF_REFERENCES, found[0][0], *(key for _, key in found)] if is_plain else None
        if not is_object_tag(tag) or not all(_are_scalars(parts) for _, parts in objects):
            return None
        return [_TUPLE_OF_OBJECTS if outer == "tuple" else _LIST_OF_OBJECTS, tag, *(parts for _, parts in objects)]


def _are_scalars(parts: Sequence[Any]) -> bool:
    return all(type(part) is not list for part in parts)
