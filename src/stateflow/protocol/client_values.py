"""How a client writes its arguments and reads replies: values whose references are the client's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.protocol.messages import Operation, Reply, Request
from stateflow.protocol.shapes import Shape
from stateflow.protocol.steps import Answer, Start
from stateflow.protocol.values import ValueCodec

if TYPE_CHECKING:
    from stateflow.dataflow import Dataflow
    from stateflow.references import Reference, ReferenceTable

__all__ = ["ClientValues", "reference_shapes"]


def reference_shapes(flow: Dataflow, references: ReferenceTable) -> dict[type, Shape]:
    """Return the shape of each reference class of a flow.

    Args:
        flow: the compiled classes.
        references: makes the references that are read.
    """

    def find(children: Any) -> Reference:
        name, key = children
        return references.get(flow.by_name[name], key)

    return dict.fromkeys(flow.reference_types.values(), Shape("reference", _name, find))


def _name(reference: Reference) -> list[Any]:
    return [reference._sf_class.__qualname__, reference._sf_key]


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
        """
        key = None if request.operation is Operation.CREATE else request.key
        arguments = self._codec.encode((key, tuple(request.args), dict(request.kwargs)), "argument")
        operation = request.operation.value
        return Start(request.request_id, request.time_ns, operation, request.class_name, request.name, arguments, self._client)

    def read(self, answer: Answer) -> Reply:
        """Return the reply that an answer holds."""
        value: Any = self._codec.decode(answer.value)
        return Reply(answer.request_id, error=value) if answer.is_error else Reply(answer.request_id, value)
