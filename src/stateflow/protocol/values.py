"""Values as bytes, and copies of values: one object graph in, the same graph out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from stateflow.errors import FrameOfOtherCode, LimitExceeded, MalformedBytes, UnstorableValue
from stateflow.limits import VALUE_BYTES, VALUE_NODES
from stateflow.protocol.atoms import ATOMS, INLINE
from stateflow.protocol.copying import QuickCopy, TooHard
from stateflow.protocol.graph import GraphBuilder, GraphReader, check_nesting
from stateflow.protocol.library import is_native_iterator, refusal
from stateflow.protocol.shapes import REFERENCE, Shape
from stateflow.protocol.value_types import ValueTypes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stateflow.protocol.held_objects import HeldObjects

__all__ = ["ATOMS", "Shape", "ValueCodec", "ValueTypes"]

_HEADER = b"SF\x01"
_CAREFUL_INLINE = INLINE - {int, str}
_is_scalar = INLINE.issuperset
_are_atoms = ATOMS.issuperset
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[Any, list[str], list[list[Any]]]).decode




class ValueCodec:
    """Writes values to bytes, reads them back, and copies them.

    Args:
        types: the storable types of the flow.
        shapes: further shapes that belong to one runtime; they win over those of `types`.
        reads_older: take over objects of value classes that older code has stored.
        held: further objects that bytes name, so that reading gives these very objects.
    """

    def __init__(
        self,
        types: ValueTypes,
        shapes: Mapping[type, Shape] | None = None,
        *,
        reads_older: bool = False,
        held: HeldObjects | None = None,
    ) -> None:
        self._reads_older = reads_older
        self._held = held
        self._types = types
        self._own = dict(shapes or {})
        self._own_by_tag = {shape.tag: shape for shape in (*self._own.values(), *([held.shape] if held is not None else ()))}

    @property
    def own_shapes(self) -> Mapping[type, Shape]:
        """The shapes that belong to one runtime."""
        return self._own

    def encode(self, value: object, root: str = "value") -> bytes:
        """Return `value` as bytes.

        Args:
            value: any storable value.
            root: how the path of the value is printed in errors.

        Raises:
            UnstorableValue: something in it cannot be stored; the error has its path.
            LimitExceeded: it is too large.
        """
        try:
            written = _encode((value, (), ())) if type(value) in INLINE else self._write(value, root, INLINE, None)
        except (OverflowError, UnicodeEncodeError):
            written = self._write(value, root, _CAREFUL_INLINE, _fits)
        if len(written) > VALUE_BYTES:
            raise LimitExceeded(f"SF530: {root} takes {len(written)} bytes, more than {VALUE_BYTES}; split it over several entities")
        return _HEADER + written

    def _write(self, value: object, root: str, leaves: frozenset[type], leaf: Callable[[Any], bool] | None) -> bytes:
        if type(value) in leaves:
            return _encode((value, (), ()))
        shape = self._own.get(type(value))
        if shape is not None and shape.tag == REFERENCE and leaf is None:
            # A reference alone, as creations answer: one node, and no graph to look for.
            children = shape.flatten(value)
            if leaves.issuperset(map(type, children)):
                return _encode(([0], (shape.tag,), ((0, *children),)))
        reader = GraphReader(leaves, self._find if self._held is None else self._find_held, leaf, root)
        token = reader.read(value)
        check_nesting(reader.nodes, list, LimitExceeded)
        tags: dict[str, int] = {}
        for node in reader.nodes:
            node[0] = tags.setdefault(node[0].tag, len(tags))
        return _encode((token, list(tags), reader.nodes))

    def decode(self, data: bytes) -> object:
        """Return the value that `encode` wrote.

        Raises:
            MalformedBytes: the bytes are not a value of these types, whatever they are.
        """
        if len(data) > VALUE_BYTES + len(_HEADER) or data[:3] != _HEADER:
            raise MalformedBytes("SF511: these bytes do not begin as a value of this version of StateFlow, or are too many")
        try:
            root, tags, nodes = _decode(memoryview(data)[3:])
            if not nodes and type(root) in INLINE and not tags:
                return root
            self._check(root, tags, nodes)
            built = GraphBuilder(nodes, list).build()
        except (MalformedBytes, LimitExceeded, FrameOfOtherCode):
            raise
        except Exception as error:
            raise MalformedBytes(f"SF511: {type(error).__name__}: {error}") from error
        return built[root[0]] if type(root) is list else root

    def _check(self, root: Any, tags: list[str], nodes: list[list[Any]]) -> None:
        """Put shapes for tags, and refuse tokens that are neither a scalar nor the number of a node."""
        if len(nodes) > VALUE_NODES:
            raise MalformedBytes(f"SF511: more than {VALUE_NODES} objects")
        shapes = [self.shape_of_tag(tag) for tag in tags]
        count = len(nodes)
        for node in nodes:
            number = node[0]
            if type(number) is not int or not 0 <= number < len(shapes):
                raise MalformedBytes("SF511: an object without a shape")
            # The number itself is a scalar that may stand there.
            _check_tokens(node, count)
            node[0] = shapes[number]
        if type(root) is list:
            _check_tokens([root], count)
        elif type(root) not in INLINE:
            raise MalformedBytes("SF511: a value that StateFlow does not write")
        check_nesting(nodes, list, MalformedBytes)

    def shape_of_tag(self, tag: str) -> Shape:
        """Return the shape by which objects with this tag are read.

        Raises:
            MalformedBytes: the flow has none.
        """
        shape = self._own_by_tag.get(tag) or self._types.by_tag.get(tag)
        if shape is None:
            raise MalformedBytes(f"SF511: {tag!r} is not a type of this flow; was it renamed? Then say so with @stateflow.renamed")
        return shape.older or shape if self._reads_older else shape

    def copy(
        self,
        value: object,
        translate: Callable[[Any], Any] | None = None,
        entity_types: frozenset[type] = frozenset(),
        root: str = "value",
    ) -> object:
        """Return a deep copy of an object graph: sharing and cycles stay, atoms and constants are the same objects.

        Args:
            value: any storable value.
            translate: answers what stands in the copy for an object whose exact type is one of `entity_types`.
            entity_types: types whose objects are not taken apart.
            root: how the path of the value is printed in errors.

        Raises:
            UnstorableValue: something in it cannot be stored; the error has its path.
        """
        kind = type(value)
        if kind in ATOMS or (kind is tuple and _are_atoms(map(type, value))):  # type: ignore[call-overload]
            return value
        try:
            types = self._types
            return QuickCopy(self._own, types.constant_names, types.shapes, translate, entity_types).copy(value)
        except (TooHard, UnstorableValue):
            pass
        # Outside of the clause above, whose exception would stay in the context of what is raised here.
        return self._copy_by_tables(value, translate, entity_types, root)

    def _copy_by_tables(self, value: object, translate: Callable[[Any], Any] | None, entity_types: frozenset[type], root: str) -> object:
        def find(child: Any) -> Shape:
            if type(child) in entity_types:
                return Shape("entity", lambda v: (), lambda c: translate(child))  # type: ignore[misc]
            shape = self._find_or_keep(child)
            return Shape("kept", lambda v: (), lambda c: child) if shape is None else shape

        reader = GraphReader(ATOMS, find, None, root)
        token = reader.read(value)
        check_nesting(reader.nodes, list, LimitExceeded)
        built = GraphBuilder(reader.nodes, list).build()
        reader.keep_tracebacks(built)
        return built[token[0]]

    def _find_or_keep(self, value: Any) -> Shape | None:
        if id(value) in self._types.constant_names and type(value) not in self._own:
            return None
        return self._find(value)

    def _find_held(self, value: Any) -> Shape:
        assert self._held is not None
        return self._held.find(value) or self._find(value)

    def _find(self, value: Any) -> Shape:
        kind = type(value)
        shape = self._own.get(kind)
        if shape is not None:
            return shape
        if id(value) in self._types.constant_names:
            return self._types.constant_shape
        shape = self._types.shapes.get(kind)
        if shape is None:
            known = None if is_native_iterator(kind) else self._types.refusals.get(kind)
            raise UnstorableValue("", known or refusal(value))
        return shape


def _fits(value: Any) -> bool:
    """Tell whether MessagePack holds an int or str as it is."""
    if type(value) is int:
        return -(2**63) <= value < 2**64
    if type(value) is str:
        return not any(0xD800 <= ord(character) <= 0xDFFF for character in value)
    return False


def _check_tokens(tokens: list[Any], count: int) -> None:
    if _is_scalar(map(type, tokens)):
        return
    for token in tokens:
        if type(token) is list:
            if len(token) != 1 or type(token[0]) is not int or not 0 <= token[0] < count:
                raise MalformedBytes("SF511: an object that is not there")
        elif type(token) not in INLINE:
            raise MalformedBytes("SF511: a scalar that StateFlow does not write")
