"""References: entities seen from elsewhere, addressed by class and key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Protocol
from weakref import ref

from stateflow.errors import ReferenceInNativeCode
from stateflow.protocol.keys import Identity, check_length, identity

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Reference", "ReferenceOwner", "ReferenceTable", "is_dunder", "reference_type"]


def is_dunder(name: str) -> bool:
    """Tell whether a name is one of Python's special names."""
    return len(name) > 4 and name.startswith("__") and name.endswith("__")


class ReferenceOwner(Protocol):
    """What gives a reference its meaning: a client answers with futures, a store refuses native access."""

    def reference_attribute(self, reference: Reference, name: str) -> object:
        """Answer `reference.name`."""

    def reference_assignment(self, reference: Reference, name: str) -> NoReturn:
        """Refuse `reference.name = ...` and `del reference.name`."""


class Reference:
    """An entity, by class and key.

    `isinstance(reference, Item)` holds, as for the entity itself. References to one entity are equal and hash alike; within one
    store or client they are also one object. They are made by a `ReferenceTable`, not by calling this class.
    """

    __slots__ = ("__weakref__", "_sf_class", "_sf_identity", "_sf_key", "_sf_owner")

    _sf_class: type
    _sf_identity: Identity
    _sf_key: object
    _sf_owner: ReferenceOwner

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return self._sf_class

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if isinstance(other, Reference):
            return self._sf_identity == other._sf_identity
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self._sf_class.__qualname__, self._sf_key))

    def __repr__(self) -> str:
        return f"{self._sf_class.__name__}({self._sf_key!r})"

    def __getattr__(self, name: str) -> Any:
        return self._sf_owner.reference_attribute(self, name)

    def __setattr__(self, name: str, value: object) -> None:
        self._sf_owner.reference_assignment(self, name)

    def __delattr__(self, name: str) -> None:
        self._sf_owner.reference_assignment(self, name)

    def __copy__(self) -> Reference:
        return self

    def __deepcopy__(self, memo: object) -> Reference:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise ReferenceInNativeCode(f"SF520: {self!r} cannot be pickled; references are stored by StateFlow itself")


set_class = Reference.__dict__["_sf_class"].__set__
set_identity = Reference.__dict__["_sf_identity"].__set__
set_key = Reference.__dict__["_sf_key"].__set__
set_owner = Reference.__dict__["_sf_owner"].__set__

# What an entity class may define and syntax may call; natively a reference refuses it instead of answering by object's default.
GUARDED_DUNDERS = frozenset(
    """__abs__ __add__ __and__ __bool__ __bytes__ __call__ __complex__ __contains__ __delitem__ __divmod__ __enter__ __eq__ __exit__
    __float__ __floordiv__ __format__ __ge__ __getitem__ __gt__ __hash__ __iadd__ __iand__ __ifloordiv__ __ilshift__ __imatmul__
    __imod__ __imul__ __index__ __int__ __invert__ __ior__ __ipow__ __irshift__ __isub__ __iter__ __itruediv__ __ixor__ __le__
    __len__ __lshift__ __lt__ __matmul__ __mod__ __mul__ __ne__ __neg__ __next__ __or__ __pos__ __pow__ __radd__ __rand__
    __rdivmod__ __repr__ __reversed__ __rfloordiv__ __rlshift__ __rmatmul__ __rmod__ __rmul__ __ror__ __round__ __rpow__
    __rrshift__ __rshift__ __rsub__ __rtruediv__ __rxor__ __setitem__ __str__ __sub__ __truediv__ __trunc__ __xor__
    __aenter__ __aexit__ __aiter__ __anext__ __await__ __ceil__ __floor__ __fspath__ __length_hint__ __buffer__ __dir__
    __sizeof__""".split()
)


def _guard(name: str) -> Callable[..., NoReturn]:
    def refuse(self: Reference, *args: object, **kwargs: object) -> NoReturn:
        raise ReferenceInNativeCode(
            f"SF520: {Reference.__repr__(self)} reached library code that calls {self._sf_class.__name__}.{name}; "
            f"use the operator in the method itself, or pass plain values"
        )

    refuse.__name__ = name
    return refuse


def _defines(cls: type, dunder: str) -> bool:
    return any(dunder in base.__dict__ for base in cls.__mro__ if base is not object)


def reference_type(cls: type) -> type[Reference]:
    """Make the reference class of one entity class; it guards each dunder that the class itself defines."""
    guards: dict[str, Any] = {name: _guard(name) for name in GUARDED_DUNDERS if _defines(cls, name)}
    # Its name is the entity's, which is what Python's own errors tell of an operand.
    return type(cls.__name__, (Reference,), {"__slots__": (), "__doc__": Reference.__doc__, **guards})


class _Weak(ref["Reference"]):
    """A weak reference that knows under which name the table has it."""

    __slots__ = ("name",)
    name: Identity


class ReferenceTable:
    """Make references, one object for each entity.

    Args:
        types: the reference class of each entity class.
        owner: what answers attribute access on the references.
    """

    def __init__(self, types: dict[type, type[Reference]], owner: ReferenceOwner) -> None:
        self._types = types
        self._owner = owner
        # As `WeakValueDictionary`, which takes three times as long for each reference that is made.
        known = self._known = dict[Identity, _Weak]()

        def forget(dead: _Weak) -> None:
            # Another reference to the entity may have been made since.
            if known.get(dead.name) is dead:
                known.pop(dead.name, None)

        self._forget = forget

    def get(self, cls: type, key: Any) -> Reference:
        """Return the reference to the entity of `cls` with `key`."""
        return self.named(identity(cls, key), cls, key)

    def same(self, other: Reference) -> Reference:
        """Return the reference to the entity of another table's reference."""
        return self.named(other._sf_identity, other._sf_class, other._sf_key)

    def named(self, name: Identity, cls: type, key: Any, *, is_checked: bool = False) -> Reference:
        """Return the reference to the entity of `cls` with `key`, whose identity is `name`; `is_checked` when an entity has that key."""
        weak = self._known.get(name)
        reference = None if weak is None else weak()
        if reference is None:
            if not is_checked:
                check_length(name, key)
            reference = object.__new__(self._types[cls])
            set_class(reference, cls)
            set_identity(reference, name)
            set_key(reference, key)
            set_owner(reference, self._owner)
            weak = _Weak(reference, self._forget)
            weak.name = name
            self._known[name] = weak
        return reference
