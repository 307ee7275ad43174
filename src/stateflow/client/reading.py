"""What a client reads of many entities at once, and of past requests."""

from __future__ import annotations

import builtins
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from stateflow.client.members import reference_of
from stateflow.errors import ConfigurationError
from stateflow.limits import LIST_PAGE
from stateflow.protocol.keys import check_key, key_range
from stateflow.protocol.messages import Operation
from stateflow.protocol.pages import check_page, check_snapshot
from stateflow.references import Reference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stateflow.client.future import StateflowFuture

__all__ = ["Reads"]

T = TypeVar("T")


class Reads(ABC):
    """The part of a client that reads.

    Each of these sees committed state only: all that was acknowledged before it was sent, and of each transaction all or nothing.
    """

    reads_many: ClassVar[bool] = False
    """Whether the engine of this client answers these requests."""

    def list(
        self,
        cls: type[T],
        *,
        prefix: str | bytes | tuple[Any, ...] | None = None,
        limit: int = LIST_PAGE,
        after: object = None,
    ) -> StateflowFuture[builtins.list[T]]:
        """List the entities of a class in the order of their keys, one page at a time.

        Keys are ordered as Python orders them; members of an enum by their names; keys of several types by type.

        Args:
            cls: the class.
            prefix: list only keys that begin so: a str for str keys, bytes for bytes keys, the first elements for tuple keys.
            limit: how many entities the page holds at most.
            after: list only keys that come after this one: the last reference, or key, of the page before. It need not exist.

        Returns:
            The future of the references. A page with fewer than `limit` is the last one. Entities that exist all the while are in one
            page each, whatever others are created and deleted meanwhile.

        Raises:
            InvalidKey: `prefix` or `after` cannot be the beginning of a key, or a key.
            LimitExceeded: a page cannot hold as many.
        """
        if issubclass(type(after), Reference):
            after = _key_in(cls, cast("Reference", after))
        if after is not None:
            check_key(after)
        key_range(prefix)
        return self._read(Operation.LIST, self._entity_class(cls), (prefix, after, check_page(limit)))

    def count(self, cls: type, *, prefix: str | bytes | tuple[Any, ...] | None = None) -> StateflowFuture[int]:
        """Count the entities of a class; with `prefix` only those whose keys begin so.

        Raises:
            InvalidKey: `prefix` cannot be the beginning of a key.
        """
        key_range(prefix)
        return self._read(Operation.COUNT, self._entity_class(cls), (prefix,))

    def snapshot(self, refs: Iterable[T]) -> StateflowFuture[dict[T, dict[str, Any]]]:
        """Read all attributes of several entities as they are at one moment, between two transactions.

        Returns:
            The future of the attributes of each entity, by its reference. Entities that do not exist are left out.

        Raises:
            LimitExceeded: there are too many of them.
            ConfigurationError: one of them is not a reference.
        """
        references = tuple(dict.fromkeys(map(reference_of, refs)))
        check_snapshot(len(references))
        return self._read(Operation.SNAPSHOT, None, references)

    def result(self, request_id: str, *, sent_ns: int | None = None) -> StateflowFuture[Any]:
        """Ask for the reply to a request that was sent before, perhaps by a client of a process that died.

        While that request is under way the future waits for it. It gets the same value or exception as the request did.

        Args:
            request_id: names the request.
            sent_ns: when the request was sent, in nanoseconds since 1970. It tells a request that is forgotten from one that never came.

        The future raises `RequestUnknown` when no reply is kept, and `RequestExpired` when `sent_ns` says that the reply is forgotten.
        """
        if not isinstance(request_id, str):
            raise ConfigurationError(f"SF540: {request_id!r} is not a request id; it is the text that future.request_id holds")
        return self._read(Operation.RESULT, None, (sent_ns,), request_id)

    def _read(self, operation: Operation, cls: type | None, args: tuple[Any, ...], request_id: str | None = None) -> StateflowFuture[Any]:
        if not self.reads_many:
            raise ConfigurationError(f"SF540: the engine of this {type(self).__name__} does not answer client.{operation.value}")
        return self._request(operation, cls, None, "", args, None, request_id)

    @abstractmethod
    def _entity_class(self, cls: object) -> type:
        """Return a class that is known to be one of the flow."""

    @abstractmethod
    def _request(
        self,
        operation: Operation,
        cls: type | None,
        key: object,
        name: str,
        args: tuple[Any, ...],
        kwargs: None,
        request_id: str | None,
    ) -> StateflowFuture[Any]:
        """Send a request."""


def _key_in(cls: type, reference: Reference) -> object:
    if reference._sf_class is not cls:
        raise ConfigurationError(f"SF540: a list of {cls.__name__} cannot go on after {reference!r}, which is of another class")
    return reference._sf_key
