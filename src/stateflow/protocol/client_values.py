"""How a client writes its arguments and reads replies: values whose references are the client's own."""

from __future__ import annotations

import copy
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from stateflow.errors import ConfigurationError, MalformedBytes
from stateflow.protocol.atoms import INLINE
from stateflow.protocol.flat_arguments import write_flat
from stateflow.protocol.messages import Operation, Reply, Request
from stateflow.protocol.shapes import REFERENCE, Shape
from stateflow.protocol.steps import Answer, Start
from stateflow.protocol.values import ValueCodec

if TYPE_CHECKING:
    from stateflow.dataflow import Dataflow
    from stateflow.references import Reference, ReferenceTable

__all__ = ["ClassNames", "ClientValues", "key_apart", "reference_shapes", "unknown_class"]


class ClassNames(NamedTuple):
    """How bytes name the entity classes: the name of a class, and the class of a name."""

    name_of: Callable[[type], str]
    class_named: Callable[[str], type | None]


def reference_shapes(flow: Dataflow, references: ReferenceTable, names: ClassNames | None = None) -> dict[type, Shape]:
    """Return the shape of each reference class of a flow.

    Args:
        flow: the compiled classes.
        references: makes the references that are read.
        names: how classes are named in bytes; by their qualified names when it is None.
    """
    name_of, class_named = names or (_qualified_name, flow.by_name.get)

    def name(reference: Reference) -> list[Any]:
        return [name_of(reference._sf_class), key_apart(reference._sf_key)]

    def find(children: Any) -> Reference:
        class_name, key = children
        cls = class_named(class_name)
        if cls is None:
            raise unknown_class(class_name)
        return references.get(cls, key)

    return dict.fromkeys(flow.reference_types.values(), Shape(REFERENCE, name, find))


def unknown_class(class_name: object) -> MalformedBytes:
    """Return the error for a reference to an entity of a class that the flow lacks."""
    return MalformedBytes(f"SF511: no class of this flow is named {class_name!r}; if it was renamed, say so with @stateflow.renamed")


def key_apart(key: Any) -> Any:
    """Return a key that shares no object with anything else but scalars and enum members.

    Whether a reference and a value beside it hold one and the same key object depends on which references a process happens to have;
    what is written must not.
    """
    if type(key) in INLINE or isinstance(key, Enum):
        return key
    return tuple([key_apart(part) for part in key]) if type(key) is tuple else copy.deepcopy(key)


def _qualified_name(cls: type) -> str:
    return cls.__qualname__


class ClientValues:
    """Turns a client's requests and their answers to bytes and back.

    Args:
        flow: the compiled classes.
        references: the client's table of references.
        client: the client's name.
    """

    def __init__(self, flow: Dataflow, references: ReferenceTable, client: str) -> None:
        self._codec = ValueCodec(flow.values, reference_shapes(flow, references))
        self._client = client

    def write(self, request: Request) -> Start:
        """Return a request as it goes on the wire.

        Raises:
            UnstorableValue: an argument cannot be stored; the error has its path.
            ConfigurationError: the request has a deadline, which places do not know yet.
        """
        if request.deadline_ns is not None:
            raise ConfigurationError("SF540: this engine knows no deadlines; make the client without deadline_s")
        operation = request.operation
        key = None if operation is Operation.CREATE else request.key
        arguments = write_flat(key, request.args, request.kwargs, _qualified_name)
        if arguments is None:
            arguments = self._codec.encode((key, tuple(request.args), dict(request.kwargs)), "argument")
        # `value` is a property, in Python; this is what it reads.
        return Start(request.request_id, request.time_ns, operation._value_, request.class_name, request.name, arguments, self._client)

    def value(self, answer: Answer) -> Any:
        """Return the value, or the exception, that an answer holds."""
        return self._codec.decode(answer.value)

    def read(self, answer: Answer) -> Reply:
        """Return the reply that an answer holds."""
        value = self.value(answer)
        return Reply(answer.request_id, error=value) if answer.is_error else Reply(answer.request_id, value)
