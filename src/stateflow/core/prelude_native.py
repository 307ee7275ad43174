"""What the prelude needs of native Python; its functions marked by an operation are carried out by the transaction."""

from __future__ import annotations

import functools
import numbers
import operator
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

from stateflow.core.containment import holds_special
from stateflow.core.frame import STOP as STOP
from stateflow.core.frame import Mark
from stateflow.core.lazy import Generator
from stateflow.core.prelude_containers_native import add_pair as add_pair
from stateflow.core.prelude_containers_native import count as count
from stateflow.core.prelude_containers_native import is_dict as is_dict
from stateflow.core.prelude_containers_native import is_extended as is_extended
from stateflow.core.prelude_containers_native import is_joined as is_joined
from stateflow.core.prelude_containers_native import is_list as is_list
from stateflow.core.prelude_containers_native import join as join
from stateflow.core.prelude_containers_native import pairs as pairs
from stateflow.core.prelude_containers_native import places as places
from stateflow.core.prelude_containers_native import update as update
from stateflow.references import Reference

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F")

DEFAULT: Mark = Mark("DEFAULT")
NOTHING: Mark = Mark("NOTHING")


def _native(function: Any) -> Any:
    """Return a function of its own, so that the prelude's use of Python's function is not replaced by the prelude."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return call


length = _native(len)
formatted = _native(format)
as_tuple = _native(tuple)
as_frozenset = _native(frozenset)
as_text = _native(str)
as_int = _native(int)
as_float = _native(float)
as_index = _native(operator.index)
as_bool = _native(bool)
as_range = _native(range)
as_complex = _native(complex)
as_character = _native(chr)
as_hex = _native(hex)
as_oct = _native(oct)
as_bin = _native(bin)
as_bytes = _native(bytes)
as_bytearray = _native(bytearray)
attributes = _native(vars)
names = _native(dir)
in_order = _native(sorted)
numbered = _native(enumerate)
write = _native(print)
total = _native(sum)


OPERATIONS: dict[Any, str] = {}
"""The functions here that the transaction carries out, with the names of its methods."""


def _operation(name: str) -> Callable[[F], F]:
    def mark(function: F) -> F:
        OPERATIONS[function] = name
        return function

    return mark


@_operation("get_attribute")
def read(owner: Any, name: str) -> Any:
    raise NotImplementedError


@_operation("set_attribute")
def write_attribute(owner: Any, name: str, value: Any) -> Any:
    raise NotImplementedError


@_operation("delete_attribute")
def remove_attribute(owner: Any, name: str) -> Any:
    raise NotImplementedError


@_operation("compare")
def compared(name: str, left: Any, right: Any) -> Any:
    raise NotImplementedError


@_operation("await_")
def await_value(awaitable: Any) -> Any:
    raise NotImplementedError


@_operation("send")
def send(generator: Any, value: Any) -> Any:
    raise NotImplementedError


@_operation("throw")
def throw(generator: Any, error: BaseException) -> Any:
    raise NotImplementedError


@_operation("special")
def special(value: Any, name: str) -> Any:
    raise NotImplementedError


def type_of(value: Any) -> type:
    return value._sf_class if isinstance(value, Reference) else type(value)


def is_ruled_out(value: Any, name: str) -> bool:
    """Tell whether a class says by None that it has no such special method, so that nothing takes its place."""
    return getattr(type_of(value), name, name) is None


def is_default(value: Any, name: str) -> bool:
    """Tell whether a special method is object's own."""
    return getattr(type_of(value), name, None) is getattr(object, name, None)


def positions(values: list[Any]) -> list[int]:
    return list(range(len(values)))


def pick(values: list[Any], order: list[int]) -> list[Any]:
    return [values[i] for i in order]


def has_remote_order(keys: list[Any]) -> bool:
    return holds_special(keys, None)


def sort_by(values: list[Any], keys: list[Any], reverse: Any) -> list[Any]:
    return [values[i] for i in sorted(range(len(keys)), key=keys.__getitem__, reverse=reverse)]


def empty(name: str) -> ValueError:
    import sys

    arg = "iterable argument is empty" if sys.version_info >= (3, 12) else "arg is an empty sequence"
    return ValueError(f"{name}() {arg}")


def check_sum_start(start: Any) -> None:
    sum((), start)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float | complex | Decimal | Fraction) and isinstance(value, numbers.Number)


def uneven(kind: str, position: int) -> ValueError:
    before = "argument 1" if position == 1 else f"arguments 1-{position}"
    return ValueError(f"zip() argument {position + 1} is {kind} than {before}")


def check_print(sep: Any, end: Any) -> None:
    print(end="" if end is None else end[:0] if isinstance(end, str) else end, sep=sep)


def is_mapping(value: Any) -> bool:
    return not isinstance(value, Reference) and hasattr(value, "keys")


def is_plain_pair(value: Any) -> bool:
    return not isinstance(value, Reference) and type(value) is not Generator


def is_fresh(value: Any) -> bool:
    """Tell whether a generator has not begun to run."""
    return value.frame is not None and value.frame.pc < 0


def ended(generator: Any) -> StopIteration:
    """Return what the generator raises that has just come to its end, or had before."""
    return StopIteration() if generator.result is None else StopIteration(generator.result)


def as_error(error: Any) -> BaseException:
    if isinstance(error, type) and issubclass(error, BaseException):
        return error()
    if not isinstance(error, BaseException):
        raise TypeError(f"exceptions must be classes or instances deriving from BaseException, not {type(error).__name__}")
    return error


def is_iterator(value: Any) -> bool:
    return type(value) is Generator


def is_generator(value: Any) -> bool:
    return type(value) is Generator


def walked(generator: Any) -> Any:
    """Return the sequence that an iterator made by `reversed` or by its items goes over; None for other ones, and at the end."""
    frame = generator.frame
    if frame is None or frame.code.name not in _WALKING:
        return None
    names = ("sequence",) if frame.pc < 0 else frame.code.live[frame.pc]
    return frame.locals[names.index("sequence")]


_WALKING = frozenset({"stateflow.core.prelude:_backwards", "stateflow.core.prelude:_items"})


def checked_iterator(value: Any) -> Any:
    if not hasattr(type_of(value), "__next__"):
        raise TypeError(f"'{type_of(value).__name__}' object is not an iterator")
    return value


def lacking(value: Any, quality: str) -> TypeError:
    return TypeError(f"'{type_of(value).__name__}' object is not {quality}")


def not_searchable(value: Any) -> TypeError:
    return TypeError(f"argument of type '{type_of(value).__name__}' is not iterable")


def checked_iterable(value: Any) -> Any:
    if not any(hasattr(type_of(value), name) for name in ("__iter__", "__next__", "__getitem__")):
        raise TypeError(f"cannot unpack non-iterable {type_of(value).__name__} object")
    return value


def too_many(count: int) -> ValueError:
    return ValueError(f"too many values to unpack (expected {count})")


def not_subscriptable(value: Any) -> TypeError:
    return TypeError(f"'{type_of(value).__name__}' object is not subscriptable")


def item(mapping: dict[Any, Any], key: Any) -> Any:
    return mapping.get(key, NOTHING)


def arguments(getter: Any) -> tuple[Any, ...]:
    """Return what an `attrgetter` or `itemgetter` was made from."""
    return getter.__reduce__()[1]  # type: ignore[no-any-return]


def split(name: str) -> list[str]:
    return name.split(".")


def named_call(caller: Any) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """Return name, arguments and keywords of an `operator.methodcaller`."""
    made, given = caller.__reduce__()
    keywords = made.keywords if isinstance(made, functools.partial) else {}
    name, *rest = (*made.args, *given) if isinstance(made, functools.partial) else given
    return name, tuple(rest), keywords


def slice_of(start: Any, stop: Any, step: Any) -> slice:
    return slice(start, stop, step)


def is_slice(value: Any) -> bool:
    return type(value) is slice


def is_entity(value: Any) -> bool:
    return isinstance(value, Reference)


def is_sequence(value: Any) -> bool:
    return isinstance(value, str | bytes | bytearray | list | tuple | range)


def no_item(kind: str, value: Any) -> TypeError:
    return TypeError(f"'{type_of(value).__name__}' object does not support item {kind}")


def has_no_len(value: Any) -> TypeError:
    return TypeError(f"object of type '{type_of(value).__name__}' has no len()")


def no_method(value: Any, name: str) -> TypeError:
    return TypeError(f"type {type_of(value).__name__} doesn't define {name} method")


def checked_len(value: Any) -> int:
    class Sized:
        def __len__(self) -> int:
            return value  # type: ignore[no-any-return]

    return len(Sized())


def checked_bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    raise TypeError(f"__bytes__ returned non-bytes (type {type_of(value).__name__})")


def no_attributes() -> TypeError:
    return TypeError("vars() argument must have __dict__ attribute")


def checked_bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"__bool__ should return bool, returned {type(value).__name__}")
    return value


def plain_repr(value: Any) -> str:
    return Reference.__repr__(value) if isinstance(value, Reference) else repr(value)


def unsupported_format(value: Any) -> TypeError:
    return TypeError(f"unsupported format string passed to {type_of(value).__name__}.__format__")


SIGNS = {
    "add": "+", "sub": "-", "mul": "*", "matmul": "@", "truediv": "/", "floordiv": "//", "mod": "%", "lshift": "<<", "rshift": ">>",
    "and": "&", "or": "|", "xor": "^", "pow": "** or pow()", "divmod": "divmod()", "__neg__": "unary -", "__pos__": "unary +",
    "__invert__": "unary ~",
}  # fmt: skip
ORDER_SIGNS = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}
MIRRORED = {"__lt__": "__gt__", "__gt__": "__lt__", "__le__": "__ge__", "__ge__": "__le__", "__eq__": "__eq__", "__ne__": "__ne__"}


def sign(name: str) -> str:
    return SIGNS[name]


def mirrored(name: str) -> str:
    return MIRRORED[name]


def bad_operand(text: str, value: Any) -> TypeError:
    return TypeError(f"bad operand type for {text}: '{type_of(value).__name__}'")


def bad_operands(text: str, left: Any, right: Any) -> TypeError:
    return TypeError(f"unsupported operand type(s) for {text}: '{type_of(left).__name__}' and '{type_of(right).__name__}'")


def not_ordered(name: str, left: Any, right: Any) -> TypeError:
    names = f"'{type_of(left).__name__}' and '{type_of(right).__name__}'"
    return TypeError(f"'{ORDER_SIGNS[name]}' not supported between instances of {names}")


def is_overriding(left: Any, right: Any, name: str) -> bool:
    """Tell whether the right operand's class derives from the left's and so comes first."""
    first, second = type_of(left), type_of(right)
    if first is second or not issubclass(second, first):
        return False
    return name in MIRRORED or getattr(second, name, None) is not getattr(first, name, None)


def identical(name: str, left: Any, right: Any) -> Any:
    """Return what object's own comparison answers."""
    return True if name == "__eq__" and left is right else NotImplemented


def new(cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    make: Any = cls.__new__
    return object.__new__(cls) if make is object.__new__ else make(cls, *args, **kwargs)


def check_init(result: Any) -> None:
    if result is not None:
        raise TypeError(f"__init__() should return None, not '{type(result).__name__}'")


def apply(function: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    return function(*args, **kwargs)


