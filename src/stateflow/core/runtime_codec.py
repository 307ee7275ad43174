"""The value codec of one store: it knows references, instances, frames and the rest of the stack."""

from __future__ import annotations

import contextlib
import functools
import re
import types
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from stateflow.core.boundaries import CallBoundary, CreateBoundary, GeneratorBoundary
from stateflow.core.frame import STOP, SUSPENDED, UNBOUND, YIELDED, Code, Frame
from stateflow.core.lazy import Coroutine, Generator, RemoteMethod
from stateflow.core.parking import Parked
from stateflow.core.prelude_native import DEFAULT, NOTHING
from stateflow.core.root import RootBoundary
from stateflow.core.store import Record, Store, get_state, set_state
from stateflow.core.tracebacks import TRACEBACK_SHAPE, with_traceback
from stateflow.errors import FrameOfOtherCode, MalformedBytes, UnstorableValue
from stateflow.protocol.client_values import key_apart, reference_shapes, unknown_class
from stateflow.protocol.functions import bind_method
from stateflow.protocol.shapes import field_names
from stateflow.protocol.values import ATOMS, Shape, ValueCodec
from stateflow.references import Reference, is_dunder

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.core.transaction import Transaction
    from stateflow.references import ReferenceTable

__all__ = ["RuntimeCodec"]

_are_atoms: Final = ATOMS.issuperset
# What stands in a part of the stack until it is filled: compiled classes make no object without its attributes.
_NO_CODE: Final = Code("", "")
_NOBODY: Final = Record(object, None)


class RuntimeCodec:
    """Copies and encodes values of one store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.flow = store.flow
        self.transaction: Transaction | None = None
        self._reference_types = frozenset(self.flow.reference_types.values())
        self.reference_names = {kind: cls.__qualname__ for cls, kind in self.flow.reference_types.items()}
        self.entity_types = frozenset({*self.flow.reference_types, *self.flow.reference_types.values()})
        self._frame_codes: dict[tuple[str, str], Code] = {}
        self.state_shapes = self._shapes()
        self.codec = ValueCodec(self.flow.values, {**self.state_shapes, **self._frame_shapes()}, held=self.flow.held)
        self.crossing = ValueCodec(self.flow.values, self._crossing_shapes())

    def carry(self, value: Any, target: Record | None, root: str = "value") -> Any:
        """Copy a value into the domain of `target` (None: of the client or of no entity)."""
        if type(value) in ATOMS:
            return value
        return self.crossing.copy(value, self._translation(target), self.entity_types, root)

    def is_same_everywhere(self, value: Any, target: Record | None = None) -> bool:
        """Tell whether a value crosses to the domain of `target` as it is: a scalar, a tuple of scalars, a reference to another entity."""
        kind = type(value)
        if kind in ATOMS or (kind is tuple and _are_atoms(map(type, value))):
            return True
        return kind in self._reference_types and (target is None or value._sf_identity != target.identity)

    def carry_arguments(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], target: Record, root: str
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Copy the arguments of a call into the domain of `target`."""
        if not kwargs or _are_atoms(map(type, kwargs.values())):
            are_same = self.is_same_everywhere
            places = [place for place, value in enumerate(args) if type(value) not in ATOMS and not are_same(value, target)]
            if not places:
                return args, kwargs
            if len(places) == 1:
                # What one argument holds, none of the others does.
                (place,) = places
                with contextlib.suppress(UnstorableValue):
                    return (*args[:place], self.carry(args[place], target, root), *args[place + 1 :]), kwargs
        # Here an error has the path among all arguments.
        return self.carry((args, kwargs), target, root)  # type: ignore[no-any-return]

    def carry_error(self, error: BaseException, target: Record | None) -> BaseException:
        """Copy an exception into the domain of `target`; its context chain is cut where the target's own exceptions begin."""
        if type(error) is RecursionError:
            return error
        try:
            copied: BaseException = self.crossing.copy(error, self._translation(target), self.entity_types, type(error).__name__)  # type: ignore[assignment]
        except UnstorableValue as reason:
            reason.__cause__ = error
            return reason
        return copied

    def _translation(self, target: Record | None) -> Callable[[Any], Any]:
        store = self.store

        def translate(entity: Any) -> Any:
            if isinstance(entity, Reference):
                record = store.record(entity)
            else:
                found = store.by_instance.get(id(entity))
                if found is None:
                    reason = "it is a plain object of an entity class; create it through the class in a method"
                    raise UnstorableValue(type(entity).__name__, reason)
                record = found
                if record.identity is None and record is not target:
                    assert self.transaction is not None
                    record = self.transaction.give_key(record)
            return record.instance if record is target and record.instance is not None else store.reference_to(record)

        return translate

    def to_references(self, state: dict[str, Any], record: Record, instance: Any) -> dict[str, Any]:
        """Return the state of an entity with references for all entities, `instance`, the entity itself, included."""

        def translate(entity: Any) -> Any:
            if entity is instance:
                return self.store.reference_to(record)
            return entity if isinstance(entity, Reference) else self._reference_of(entity)

        return self.crossing.copy(state, translate, self.entity_types, record.cls.__name__)  # type: ignore[return-value]

    def to_domain(self, state: dict[str, Any], record: Record, instance: Any) -> dict[str, Any]:
        """Return a state that names entities by references as the entity itself sees it: its own reference is `instance`."""
        own = self.store.reference_to(record)

        def translate(entity: Any) -> Any:
            return instance if entity is own else entity

        return self.crossing.copy(state, translate, self.entity_types, record.cls.__name__)  # type: ignore[return-value]

    def give_state(self, record: Record, state: dict[str, Any]) -> None:
        """Give the entity of a record a state that names entities by references."""
        set_state(record.instance, self.to_domain(state, record, record.instance))

    def snapshot(self, state: dict[str, Any], root: str) -> dict[str, Any]:
        """Copy the state of an entity for its undo; what it holds of entities stays."""
        return self.codec.copy(state, lambda entity: entity, self.entity_types, root)  # type: ignore[return-value]

    def to_client(self, value: Any, references: ReferenceTable) -> Any:
        """Copy a value out to a client."""
        if type(value) in self._reference_types:
            return references.same(value)

        def translate(entity: Any) -> Any:
            if not isinstance(entity, Reference):
                entity = self._reference_of(entity)
            return references.same(entity)

        return self.crossing.copy(value, translate, self.entity_types, "reply")

    def _reference_of(self, instance: Any) -> Reference:
        record = self.store.by_instance.get(id(instance))
        if record is None or record.identity is None:
            raise UnstorableValue(type(instance).__name__, "the entity does not exist")
        return self.store.reference_to(record)

    def from_client(self, value: Any, target: Record | None) -> Any:
        """Copy a value in from a client."""

        def translate(entity: Any) -> Any:
            if not isinstance(entity, Reference):
                raise UnstorableValue(type(entity).__name__, "it is a plain object of an entity class, made before a client was bound")
            reference = self.store.same(entity)
            record = self.store.record(reference)
            return record.instance if record is target and record.instance is not None else reference

        return self.crossing.copy(value, translate, self.entity_types, "argument")

    def arguments_from_client(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], target: Record | None = None
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Copy the arguments of a call in from a client, into the domain of `target` (None: of no entity)."""
        if kwargs:
            return self.from_client((args, kwargs), target)  # type: ignore[no-any-return]
        taken = []
        for value in args:
            kind = type(value)
            if kind in ATOMS:
                taken.append(value)
            elif kind in self._reference_types:
                reference = self.store.same(value)
                is_own = target is not None and reference._sf_identity == target.identity and target.instance is not None
                taken.append(target.instance if is_own else reference)  # type: ignore[union-attr]
            else:
                return self.from_client((args, kwargs), target)  # type: ignore[no-any-return]
        return tuple(taken), {}

    def round_trip(self, tx: Transaction, stack: list[Any], pending: Any) -> tuple[list[Any], Any]:
        """Take a whole suspended transaction through bytes."""
        self.transaction = tx
        instances = [r.instance for r in (*tx.touched, *tx.unborn) if r.instance is not None]
        data = self.encode_stack([stack, pending, instances, tx.stop])
        again: Any = self.codec.decode(data)
        stack, pending, _, tx.stop = again
        return stack, pending

    def find_reference(self, class_name: str, key: Any) -> Reference:
        """Return the reference of this store to an entity.

        Raises:
            MalformedBytes: the flow has no such class.
        """
        cls = self.flow.by_name.get(class_name)
        if cls is None:
            raise unknown_class(class_name)
        return self.store.reference(cls, key)

    def find_class(self, class_name: str) -> type:
        """Return the entity class of a name.

        Raises:
            MalformedBytes: the flow has no such class.
        """
        cls = self.flow.by_name.get(class_name)
        if cls is None:
            raise unknown_class(class_name)
        return cls

    def encode_stack(self, graph: list[Any]) -> bytes:
        """Return a suspended stack and what belongs to it as bytes; the stack comes first.

        Raises:
            UnstorableValue: something in it cannot be stored; the path names the method and its variable.
        """
        try:
            return self.codec.encode(graph, "frame")
        except UnstorableValue as error:
            raise UnstorableValue(_path_in_method(error.path, graph[0]), error.reason) from None

    def _shapes(self) -> dict[type, Shape]:
        shapes: dict[type, Shape] = {**self._crossing_shapes(), Record: Shape("record", self._name_record, self._find_record)}
        for cls in self.flow.classes:
            shapes[cls] = self._instance_shape(cls)
        shapes[types.MethodWrapperType] = Shape(
            "method of a builtin", lambda m: [m.__self__, m.__name__], lambda c: _builtin_method(c[0], c[1])
        )
        shapes[Frame] = Shape(
            "frame",
            lambda f: [f.code.name, f.code.digest, f.pc, len(f.handled), *f.handled, f.value, *f.locals],
            new=lambda: Frame(_NO_CODE, 0, ()),
            fill=self._fill_frame,
            names=lambda f: [
                ".code", ".code", ".pc", *[".handled"] * (1 + len(f.handled)), ".value",
                *(f".{n}" for n in f.code.live.get(f.pc, f.locals)),
            ],
            deep=True,
        )
        shapes[Generator] = Shape("generator", *_slots_shape(lambda: Generator(None, ""), "frame", "name", "is_running", "result"))
        shapes[Coroutine] = Shape(
            "coroutine", *_slots_shape(lambda: Coroutine(_NO_CODE, ()), "code", "parameters", "reference", "is_awaited")
        )
        shapes[CallBoundary] = Shape("call", *_slots_shape(lambda: CallBoundary(None, _NOBODY), "caller", "record"))
        shapes[CreateBoundary] = Shape("create", *_slots_shape(lambda: CreateBoundary(None, _NOBODY), "caller", "record"))
        shapes[RootBoundary] = Shape("root", *_slots_shape(lambda: RootBoundary("", None), "operation", "record"))
        shapes[Parked] = Shape("parked", *_slots_shape(lambda: Parked("", 0, 0), "place", "number", "depth"))
        shapes[GeneratorBoundary] = Shape("generating", *_slots_shape(lambda: GeneratorBoundary(Generator(None, "")), "generator"))
        return shapes

    def _frame_shapes(self) -> dict[type, Shape]:
        """Return the shapes of what frames keep otherwise than states: exceptions, which a handler may ask for their traceback."""
        known = self.flow.values.shapes.items()
        return {cls: with_traceback(shape) for cls, shape in known if issubclass(cls, BaseException)} | {TracebackType: TRACEBACK_SHAPE}

    def _crossing_shapes(self) -> dict[type, Shape]:
        marks = {m.name: m for m in (STOP, SUSPENDED, UNBOUND, YIELDED, DEFAULT, NOTHING)}
        shapes: dict[type, Shape] = {
            # A traceback holds running code; where it ran is kept only in frames.
            TracebackType: Shape("traceback", lambda t: [], lambda c: None),
            types.MethodType: Shape(
                "method", lambda m: (m.__func__, m.__self__), self._bind_method, names=field_names("__func__", "__self__")
            ),
            RemoteMethod: Shape("remote method", lambda m: [m.reference, m.method], self._find_method),
            Code: Shape("resumable", lambda c: [c.name], self._find_code),
            type(STOP): Shape("mark", lambda m: [m.name], lambda c: marks[c[0]]),
        }
        return {**shapes, **reference_shapes(self.flow, self.store.references)}

    def _find_code(self, children: Any) -> Code:
        code = self.flow.codes_by_name.get(children[0])
        if code is None:
            raise MalformedBytes(f"SF511: no compiled function is named {children[0]!r}")
        return code

    def code_of_frame(self, name: str, digest: str) -> Code:
        """Return the compiled function that a frame belongs to.

        Raises:
            MalformedBytes: there is none of this name.
            FrameOfOtherCode: it was compiled from another text.
        """
        known = self._frame_codes.get((name, digest))
        if known is not None:
            return known
        code = self.flow.codes_by_name.get(name) or self._find_code([name])
        if digest != code.digest:
            raise FrameOfOtherCode(f"SF573: {code.name} was suspended by other code, and cannot go on with this one")
        self._frame_codes[name, digest] = code
        return code

    def _fill_frame(self, frame: Frame, children: Any) -> None:
        name, digest, frame.pc, handled, *rest = children
        frame.code = self.code_of_frame(name, digest)
        frame.handled, frame.value, frame.locals = tuple(rest[:handled]), rest[handled], tuple(rest[handled + 1 :])
        frame.error = None

    def _find_method(self, children: Any) -> Any:
        owner, name = children
        if isinstance(owner, Reference):
            return RemoteMethod(owner, self.flow.method_name(owner._sf_class, name))
        # Back in the domain of its entity a method is what it is there.
        function = self.flow.member(type(owner), name).function
        if function is None:
            raise MalformedBytes(f"SF511: {type(owner).__name__} has no method {name!r}")
        return types.MethodType(function, owner)

    def _bind_method(self, children: Any) -> Any:
        """Make a bound method; that of an entity which is another one here is called over there."""
        function, owner = children
        if not isinstance(owner, Reference):
            return bind_method(children)
        is_own = self.flow.member(owner._sf_class, function.__name__).function is function
        return RemoteMethod(owner, function.__name__) if is_own else functools.partial(function, owner)

    def _name_record(self, record: Record) -> list[Any]:
        return [record.cls.__qualname__, key_apart(record.key), record.number if record.identity is None else 0]

    def _find_record(self, children: Any) -> Record:
        name, key, number = children
        if number:
            assert self.transaction is not None
            return self.transaction.unborn[number - 1]  # type: ignore[no-any-return]
        return self.store.record_of(self.flow.by_name[name], key)

    def _instance_shape(self, cls: type) -> Shape:
        store = self.store

        def flatten(instance: Any) -> list[Any]:
            record = store.by_instance.get(id(instance))
            return [record, *[part for pair in get_state(instance).items() for part in pair]]

        def fill(instance: Any, children: Any) -> None:
            record, *parts = children
            set_state(instance, dict(zip(parts[::2], parts[1::2], strict=True)))
            if record is not None:
                store.place(record, instance)

        return Shape(f"instance {cls.__qualname__}", flatten, new=lambda: object.__new__(cls), fill=fill, deep=True)


def _path_in_method(path: str, stack: list[Any]) -> str:
    """Return a path into a stack as people know it: `User.buy: basket[3]` for a variable of a frame, or something in it."""
    found = re.fullmatch(r"frame\[0\]\[(\d+)\]\.(.+)", path, re.DOTALL)
    entry = stack[int(found[1])] if found is not None else None
    if found is None or not isinstance(entry, Frame):
        return path
    method = entry.code.name.rpartition(":")[2]
    # What the compiler named itself is no variable of the user: a context manager, for example.
    return f"{method}: {'a value in use' if found[2].startswith('.') else found[2]}"


def _builtin_method(owner: Any, name: str) -> Any:
    if type(owner).__module__ != "builtins" or not is_dunder(name):
        raise MalformedBytes("SF511: a special method of a builtin type was expected")
    return getattr(owner, name)


def _slots_shape(blank: Callable[[], Any], *names: str) -> tuple[Any, None, Any, Any]:
    """Return how objects are taken apart and made again: first a blank one, as it may be part of itself, then its attributes."""

    def fill(made: Any, children: Any) -> None:
        for name, child in zip(names, children, strict=True):
            setattr(made, name, child)

    return (lambda v: [getattr(v, n) for n in names], None, blank, fill)
