"""What all clients share: creating and addressing entities, calling their methods, binding the classes.

A client of one kind of transport derives from `StateflowClient` and defines `send`.
"""

from __future__ import annotations

import builtins
import itertools
import time
import uuid
from abc import abstractmethod
from types import FunctionType
from typing import TYPE_CHECKING, Any, Concatenate, NoReturn, ParamSpec, TypeVar, cast, overload

from stateflow.client.future import StateflowFuture
from stateflow.client.members import RemoteMethod, check_attribute, check_method, method_name, no_such_member, reference_of
from stateflow.client.reading import Reads
from stateflow.client.waiting import check_may_send, deadline_in_ns, is_executing
from stateflow.entity import bind as bind_class
from stateflow.entity import unbind as unbind_class
from stateflow.errors import ClientClosed, ConfigurationError
from stateflow.protocol.keys import check_key
from stateflow.protocol.messages import Operation, Request
from stateflow.references import Reference, ReferenceTable, is_dunder

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping
    from types import TracebackType
    from typing import Self

    from stateflow.dataflow import Dataflow
    from stateflow.observer import Observer

__all__ = ["StateflowClient"]

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class StateflowClient(Reads):
    """Reach the entities of a dataflow.

    Every request returns a `StateflowFuture`. While the client is bound, the classes themselves are its shorter form: `User("ann")`
    creates the entity and returns its future, `User.by_key("ann")` addresses it. One client at a time can be bound to a class.

    Args:
        flow: the compiled classes.
        bind: bind the classes to this client now.
        clock: the time of a request, in nanoseconds since 1970.
        request_prefix: begins the ids of this client's requests; two clients must not share one.
        deadline_s: how long after its submission a request may begin, in seconds; one that comes to its turn later is refused with
            `DeadlinePassed` and never run. None: any time. How long a caller waits is another matter: a time-out of `get` changes nothing
            about the request.
        observer: watches the requests.

    Raises:
        ConfigurationError: the deadline is not positive.
        LimitExceeded: the deadline is too far off.
    """

    def __init__(
        self,
        flow: Dataflow,
        *,
        bind: bool = True,
        clock: Callable[[], int] = time.time_ns,
        request_prefix: str | None = None,
        deadline_s: float | None = None,
        observer: Observer | None = None,
    ) -> None:
        self.flow = flow
        self._observer = observer
        self.references = ReferenceTable(flow.reference_types, self)
        self._clock = clock
        self._prefix = request_prefix or uuid.uuid4().hex
        self._numbers = itertools.count(1)
        self._bound: builtins.list[type] = []
        self._methods: dict[tuple[type, str], str] = {}
        self._deadline_ns = None if deadline_s is None else deadline_in_ns(deadline_s)
        self._closed = False
        if bind:
            self.bind()

    @abstractmethod
    def send(self, request: Request) -> StateflowFuture[Any]:
        """Send a request on its way and return the future of its reply, whose id is the request's."""

    @overload
    def call(
        self, method: Callable[Concatenate[T, P], Coroutine[Any, Any, R]], ref: T, /, *args: P.args, **kwargs: P.kwargs
    ) -> StateflowFuture[R]: ...
    @overload
    def call(self, method: Callable[Concatenate[T, P], R], ref: T, /, *args: P.args, **kwargs: P.kwargs) -> StateflowFuture[R]: ...
    @overload
    def call(self, method: object, ref: str, /, *args: Any, **kwargs: Any) -> StateflowFuture[Any]: ...
    def call(self, method: Any, ref: Any, /, *args: Any, **kwargs: Any) -> StateflowFuture[Any]:
        """Call a method of an entity: `client.call(User.buy_item, ann, 2, tea)`, or by name `client.call(ann, "buy_item", 2, tea)`.

        The entity's own class decides which method that name is, as in `ann.buy_item(2, tea)`.

        Returns:
            The future of what the method returns; its exception is the method's own.

        Raises:
            AttributeError: the class has no such method.
            ConfigurationError: the entity is not given by a reference.
        """
        # By the type: to isinstance a reference would answer with the entity's class, and slowly.
        if issubclass(type(ref), str):
            method, ref = ref, method
        # A function's name is read here: this is what programs pass, for each request.
        name = method.__name__ if type(method) is FunctionType else method_name(method)
        reference = reference_of(ref)
        name = self._method(reference._sf_class, name)
        return self._request(Operation.CALL, reference._sf_class, reference._sf_key, name, args, kwargs)

    def _method(self, cls: type, name: str) -> str:
        """Return the present name of a method that a class has."""
        known = self._methods.get((cls, name))
        if known is None:
            known = self.flow.method_name(cls, name)
            check_method(self.flow, cls, known)
            self._methods[cls, name] = known
        return known

    def create(self, cls: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> StateflowFuture[T]:
        """Create an entity: `client.create(User, "ann")`. The future's value is the reference to it.

        The future raises `EntityAlreadyExists` when the key is taken, and what `__init__` raises.
        """
        return self._request(Operation.CREATE, self._entity_class(cls), None, "", args, kwargs)

    def ref(self, cls: type[T], key: object) -> T:
        """Address the entity of `cls` with `key`, without asking whether it exists.

        Raises:
            InvalidKey: `key` is of a type that no key can have.
        """
        known = self._entity_class(cls)
        if type(key) is not tuple:
            # The table checks a tuple, as it needs its bytes.
            check_key(key)
        return cast("T", self.references.get(known, key))

    def key(self, ref: object) -> Any:
        """Return the key of a reference, at once: no request is sent.

        Raises:
            ConfigurationError: `ref` is no reference.
        """
        return reference_of(ref)._sf_key

    def get(self, ref: object, name: str) -> StateflowFuture[Any]:
        """Read an attribute or a property of an entity."""
        reference = reference_of(ref)
        check_attribute(reference._sf_class, name)
        return self._request(Operation.GET, reference._sf_class, reference._sf_key, name)

    def set(self, ref: object, name: str, value: object) -> StateflowFuture[None]:
        """Assign an attribute or a property of an entity."""
        reference = reference_of(ref)
        check_attribute(reference._sf_class, name)
        return self._request(Operation.SET, reference._sf_class, reference._sf_key, name, (value,))

    def state(self, ref: object) -> StateflowFuture[dict[str, Any]]:
        """Read all attributes of an entity, as a dict of its own."""
        reference = reference_of(ref)
        return self._request(Operation.STATE, reference._sf_class, reference._sf_key)

    def delete(self, ref: object) -> StateflowFuture[None]:
        """Delete an entity. The future raises `EntityNotFound` when there is none."""
        reference = reference_of(ref)
        return self._request(Operation.DELETE, reference._sf_class, reference._sf_key)

    def bind(self) -> None:
        """Bind every class of the flow to this client; does nothing when they are.

        Raises:
            ConfigurationError: a class is bound to another client; then none of them is bound to this one.
        """
        if self._bound:
            return
        try:
            for cls in self.flow.classes:
                bind_class(cls, self._create_outside, self.ref)
                self._bound.append(cls)
        except ConfigurationError:
            self.unbind()
            raise

    def unbind(self) -> None:
        """Make the classes plain Python again; the client itself stays open."""
        bound, self._bound = self._bound, []
        for cls in bound:
            unbind_class(cls)

    def close(self) -> None:
        """Unbind the classes and send nothing more. Futures that wait for replies still get them. May be called again."""
        self._closed = True
        self.unbind()

    def reference_attribute(self, reference: Reference, name: str) -> object:
        """Answer `reference.name` as a client sees it: a method to call, or the future of an attribute's value."""
        cls = reference._sf_class
        kind = None if is_dunder(name) else self.flow.member_kind(cls, name)
        if kind == "method":
            return RemoteMethod(reference, name, self._call)
        if kind == "attribute":
            return self.get(reference, name)
        raise no_such_member(cls, name)

    def reference_assignment(self, reference: Reference, name: str) -> NoReturn:
        """Refuse `reference.name = value`, whose reply nobody could wait for."""
        raise ConfigurationError(
            f"SF540: {reference!r}.{name} cannot be assigned or deleted from outside, as there is no future to wait for: "
            f"call a method that does it, or client.set(ref, {name!r}, value)"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def _create_outside(self, cls: type, /, *args: Any, **kwargs: Any) -> Any:
        # Inside methods the class means the same whether some client of this process is bound to it or not.
        return NotImplemented if is_executing() else self.create(cls, *args, **kwargs)

    def _call(self, reference: Reference, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> StateflowFuture[Any]:
        return self._request(Operation.CALL, reference._sf_class, reference._sf_key, name, args, kwargs)

    def request(
        self,
        operation: Operation,
        cls: type,
        key: object,
        name: str,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        *,
        request_id: str,
    ) -> StateflowFuture[Any]:
        """Send a request whose id is chosen outside, so that it can be sent again; for front ends such as HTTP endpoints."""
        return self._request(operation, cls, key, name, args, kwargs, request_id)

    def _request(
        self,
        operation: Operation,
        cls: type | None,
        key: object,
        name: str = "",
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
        request_id: str | None = None,
    ) -> StateflowFuture[Any]:
        check_may_send()
        if self._closed:
            raise ClientClosed("SF542: this client is closed; make another one with runtime.client()")
        if args:
            _refuse_futures(args)
        if kwargs:
            _refuse_futures(kwargs.values())
        now_ns = self._clock()
        request = Request(
            request_id=request_id or f"{self._prefix}-{next(self._numbers)}",
            time_ns=now_ns,
            deadline_ns=None if self._deadline_ns is None else now_ns + self._deadline_ns,
            operation=operation,
            class_name="" if cls is None else cls.__qualname__,
            key=key,
            name=name,
            args=args,
            kwargs=dict(kwargs) if kwargs else {},
        )
        return self.send(request) if self._observer is None else self._observer.send(request, self.send)

    def _entity_class(self, cls: object) -> type:
        if cls not in self.flow.classes:
            name = getattr(cls, "__name__", repr(cls))
            raise ConfigurationError(f"SF540: {name} is not in this flow; decorate it with @stateflow.entity and name it in stateflow.init")
        return cls


def _refuse_futures(arguments: Iterable[object]) -> None:
    for argument in arguments:
        # A reference would answer isinstance with the entity's class, and slowly.
        if issubclass(type(argument), StateflowFuture):
            raise ConfigurationError(f"SF540: {argument!r} is passed as an argument; wait for it first with .get() or await")
