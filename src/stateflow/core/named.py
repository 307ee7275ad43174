"""Which entities requests name, so that they can be read together before any of them runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.core.expected_keys import ExpectedKeys
from stateflow.protocol.keys import Identity, identity
from stateflow.protocol.messages import Operation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stateflow.dataflow import Dataflow
    from stateflow.protocol.messages import Request

__all__ = ["Named", "Names"]

Named = tuple[type, Any, Identity]

_CREATE = Operation.CREATE
_LISTED = 64
"""Elements of a list that are looked at."""


class Names:
    """Finds what requests name.

    Args:
        flow: the classes of the entities.

    Attributes:
        expected: the keys of entities to come.
    """

    def __init__(self, flow: Dataflow) -> None:
        self.expected = ExpectedKeys()
        self._by_name = flow.by_name
        self._reference_types = frozenset(flow.reference_types.values())
        self._value_classes = frozenset(flow.program.value_classes) - frozenset(flow.reference_types)

    def entities(self, requests: Iterable[Request]) -> list[Named]:
        """Return class, key and identity of the entities that requests are for, and of those that are given to them as arguments.

        So are those in the lists of arguments, and in the attributes of what these lists hold, as in the lines of an order. References
        deeper in an argument are not looked for: that would take longer than it saves where there is none.
        """
        found: list[Named] = []
        is_reference = self._reference_types.__contains__
        for request in requests:
            cls = self._by_name.get(request.class_name)
            if cls is not None and request.key is not None:
                found.append((cls, request.key, identity(cls, request.key)))
            for arguments in (request.args, request.kwargs.values() if request.kwargs else ()):
                for argument in arguments:
                    if is_reference(type(argument)):
                        found.append((argument._sf_class, argument._sf_key, argument._sf_identity))
                    elif type(argument) is list:
                        self._listed(argument[:_LISTED], found)
        return found

    def to_come(self, requests: Iterable[Request]) -> list[Named]:
        """Return class, key and identity of the entities that requests will probably create."""
        found: list[Named] = []
        for request in requests:
            if request.operation is _CREATE and request.class_name in self._by_name:
                key = self.expected.key(request)
                if key is not None:
                    cls = self._by_name[request.class_name]
                    found.append((cls, key, identity(cls, key)))
        return found

    def _listed(self, values: list[Any], found: list[Named]) -> None:
        is_reference = self._reference_types.__contains__
        for value in values:
            kind = type(value)
            if is_reference(kind):
                found.append((value._sf_class, value._sf_key, value._sf_identity))
            elif kind in self._value_classes and kind.__dictoffset__:
                # A list of its own: the client may change the object meanwhile.
                attributes = list(object.__getattribute__(value, "__dict__").values())
                found += [(part._sf_class, part._sf_key, part._sf_identity) for part in attributes if is_reference(type(part))]
