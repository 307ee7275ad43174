"""How a transaction begins: the operation that its client asked for, as the outermost thing on the stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from stateflow.core.lazy import Coroutine
from stateflow.errors import ConfigurationError, UnstorableValue
from stateflow.protocol.messages import Operation
from stateflow.references import Reference, is_dunder

if TYPE_CHECKING:
    from stateflow.core.calls import Calls
    from stateflow.core.store import Record
    from stateflow.dataflow import Dataflow

__all__ = ["CALLED", "RootBoundary", "begin", "check_name", "is_read"]


class RootBoundary:
    """The outer end of the stack: what the client's operation gives becomes the reply."""

    __slots__ = ("operation", "record")

    def __init__(self, operation: str, record: Record | None) -> None:
        self.operation = operation
        self.record = record

    def resume(self, tx: Calls, value: Any, error: BaseException | None) -> Any:
        """Return what the reply holds. A coroutine is awaited first."""
        if error is not None:
            raise error
        if type(value) is Coroutine and self.operation == _CALL:
            tx.frames.append(self)
            value.is_awaited = True
            return tx.suspend("await", value)
        if self.operation == _SET:
            # That no method changes the key, so that methods need not be checked for it, says nothing about clients.
            assert self.record is not None
            tx.check_key(self.record)
            return None
        return value


_CALL: Final = Operation.CALL.value
_SET: Final = Operation.SET.value
CALLED: Final = RootBoundary(_CALL, None)
"""What is under all where the client called a method."""


def begin(
    tx: Calls, operation: Operation, cls: type, reference: Reference | None, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[list[Any], tuple[str, tuple[Any, ...]]]:
    """Return the stack and the pending operation of a new transaction. On the stack is what is left to do when the operation is done.

    Raises:
        AttributeError: clients have no business with a member of this name.
        UnstorableValue: it is a method that the client reads.
    """
    name = check_name(tx.flow, cls, name)
    match operation:
        case Operation.CALL:
            member = tx.flow.member(cls, name)
            operation_name = "call_existing" if member.is_static or member.is_class else "call"
            return [CALLED], (operation_name, (reference, name, args, kwargs))
        case Operation.GET:
            if tx.flow.member(cls, name).is_method:
                raise UnstorableValue(f"{cls.__name__}.{name}", "it is a method; call it")
            return [], ("get", (reference, name))
        case Operation.CREATE:
            return [], ("create", (cls, args, kwargs))
        case Operation.SET:
            assert reference is not None
            return [RootBoundary(_SET, tx.store.record(reference))], ("set", (reference, name, *args))
        case Operation.STATE:
            return [], ("state", (reference,))
        case Operation.DELETE:
            return [], ("delete", (reference,))
        case Operation.LIST | Operation.COUNT | Operation.SNAPSHOT | Operation.RESULT:
            raise ConfigurationError(f"SF540: this engine does not answer {operation} requests")


def is_read(flow: Dataflow, operation: Operation, class_name: str, name: str) -> bool:
    """Tell whether a request is proved to change no entity. What a client sent may name what is not there.

    Args:
        flow: the compiled classes.
        operation: what is asked for.
        class_name: the entity class.
        name: the member, perhaps by a former name.
    """
    cls = flow.by_name.get(class_name)
    if cls is None or operation not in _READING:
        return False
    return operation is Operation.STATE or flow.is_read_only(cls, flow.method_name(cls, name))


_READING: Final = (Operation.CALL, Operation.GET, Operation.STATE)


def check_name(flow: Dataflow, cls: type, requested: str) -> str:
    """Return the present name of the member that a request names, perhaps by a former one.

    Clients reach only members of the class and the attributes of its objects.

    Raises:
        AttributeError: the name is of neither.
    """
    known = flow.known_names.get((cls, requested))
    if known is not None:
        return known
    name = flow.method_name(cls, requested)
    if name and (is_dunder(name) or flow.member_kind(cls, name) is None):
        raise AttributeError(f"'{cls.__name__}' object has no attribute '{name}'")
    if name and flow.member(cls, name).exists:
        # What clients name and no class has is not remembered: there is no end of it.
        flow.known_names[cls, requested] = name
    return name
