"""Shapes of functions, bound methods and other callables. What a name in bytes can reach is a closed table."""

from __future__ import annotations

import builtins
import datetime as dt
import functools
import math
import operator
import random
import re
from collections import Counter, OrderedDict, defaultdict, deque
from decimal import Decimal
from types import BuiltinFunctionType, CodeType, FunctionType, MethodDescriptorType, MethodType, WrapperDescriptorType
from typing import TYPE_CHECKING, Any

from stateflow.errors import UnstorableValue
from stateflow.protocol.containers import dict_children, fill_dict
from stateflow.protocol.shapes import Shape, field_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stateflow.protocol.library_functions import LibraryFunctions

__all__ = ["CALLABLE_SHAPES", "bind_method", "function_shape", "known_callables"]

# What runs text as code, reaches files, or changes objects by name is not to be named by bytes.
_UNSAFE = frozenset(
    """eval exec compile open __import__ __build_class__ breakpoint input exit quit help copyright credits license globals locals vars
    getattr setattr delattr print""".split()
)
_METHOD_OWNERS: frozenset[type] = frozenset(
    {list, dict, set, frozenset, tuple, str, bytes, bytearray, int, float, complex, range}
    | {deque, OrderedDict, defaultdict, Counter, random.Random, re.Pattern}
    | {dt.date, dt.datetime, dt.time, dt.timedelta, dt.timezone, Decimal}
)
_CLOCKS = frozenset({"now", "utcnow", "today"})
_METHOD_DUNDERS = frozenset({"__contains__", "__getitem__", "__len__", "__eq__", "__lt__", "__add__", "__mul__"})


def known_callables() -> Iterator[tuple[str, object]]:
    """Yield the builtin functions and classes, and those of `math` and `operator`, with their names in bytes."""
    for module in (builtins, math, operator):
        for name, value in vars(module).items():
            is_class = isinstance(value, type) and not issubclass(value, BaseException) and not name.startswith("_")
            if (is_class or type(value) is BuiltinFunctionType) and name not in _UNSAFE:
                yield f"{module.__name__}.{name}", value


def function_shape(globals_of: dict[int, dict[str, Any]], library: LibraryFunctions) -> Shape:
    """Make the shape of functions whose code is registered, and of those of libraries that methods name.

    Args:
        globals_of: the globals of each registered code object, by its address.
        library: the functions of libraries.
    """

    def flatten(function: FunctionType) -> list[Any]:
        if id(function.__code__) not in globals_of:
            name = library.name_of(function)
            if name is not None:
                return [name]
            raise UnstorableValue(
                "",
                f"function {function.__qualname__} ({function.__module__}) is not part of the flow; define it in a module of "
                "an entity class, or name it in the method",
            )
        head = [function.__code__, function.__name__, function.__qualname__, function.__defaults__, function.__kwdefaults__]
        # The very dict of its attributes, so that the function may be among them.
        return [*head, function.__closure__, function.__dict__ or None]

    def make(children: Any) -> FunctionType:
        if len(children) == 1:
            return library.find(children[0])  # type: ignore[no-any-return]
        code, name, qualname, defaults, keyword_defaults, closure, attributes = children
        if type(code) is not CodeType:
            raise TypeError("a function without code")
        function = FunctionType(code, globals_of[id(code)], name, defaults, closure)
        function.__qualname__ = qualname
        function.__kwdefaults__ = keyword_defaults
        if attributes is not None:
            function.__dict__ = attributes
        return function

    names = field_names("__code__", "__name__", "__qualname__", "__defaults__", "__kwdefaults__", "__closure__", "__dict__")
    return Shape("function", flatten, make, names=names)


def bind_method(children: Any) -> MethodType:
    """Make a method that is bound to an object, from the two."""
    function, owner = children
    return MethodType(function, owner)


def _partial_parts(value: functools.partial[Any]) -> list[Any]:
    return [value.func, value.args, value.keywords, *dict_children(value.__dict__)]


def _make_partial(children: Any) -> functools.partial[Any]:
    function, args, keywords, *own = children
    value = functools.partial(function, *args, **keywords)
    fill_dict(value.__dict__, own)
    return value


def _check_method(owner: object, name: object) -> None:
    kind = owner if isinstance(owner, type) else type(owner)
    if kind not in _METHOD_OWNERS or type(name) is not str or (name.startswith("_") and name not in _METHOD_DUNDERS) or name in _CLOCKS:
        raise UnstorableValue("", f"builtin method {name!r} of {kind.__qualname__!r}; keep the object and call the method later")


def _builtin_method_parts(method: Any) -> tuple[Any, ...]:
    _check_method(method.__self__, method.__name__)
    return (method.__self__, method.__name__)


def _make_builtin_method(children: Any) -> Any:
    owner, name = children
    _check_method(owner, name)
    method = getattr(owner, name)
    if type(method) is not BuiltinFunctionType:
        raise TypeError("not a method of a builtin object")
    return method


def _descriptor_shape(tag: str, kind: type) -> Shape:
    def flatten(method: Any) -> tuple[Any, ...]:
        _check_method(method.__objclass__, method.__name__)
        return (method.__objclass__, method.__name__)

    def make(children: Any) -> Any:
        owner, name = children
        _check_method(owner, name)
        method = owner.__dict__[name]
        if type(method) is not kind:
            raise TypeError("not a method of a builtin class")
        return method

    return Shape(tag, flatten, make)


def _call_parts(value: Any) -> tuple[Any, ...]:
    made_by, args = value.__reduce__()
    if isinstance(made_by, functools.partial):
        return ((*made_by.args, *args), made_by.keywords)
    return (args, {})


def _operator_shape(cls: Any, check: Callable[[tuple[Any, ...]], bool]) -> Shape:
    def flatten(value: Any) -> tuple[Any, ...]:
        parts = _call_parts(value)
        if not check(parts[0]):
            raise UnstorableValue("", f"operator.{cls.__name__} of a dunder name; write a function instead")
        return parts

    def make(children: Any) -> Any:
        args, keywords = children
        if type(args) is not tuple or not check(args):
            raise ValueError(f"not the arguments of {cls.__name__}")
        return cls(*args, **keywords)

    return Shape(f"operator {cls.__name__}", flatten, make)


def _public(name: object) -> bool:
    return type(name) is str and not any(part.startswith("__") for part in name.split("."))


CALLABLE_SHAPES: dict[type, Shape] = {
    MethodType: Shape("method", lambda m: (m.__func__, m.__self__), bind_method, names=field_names("__func__", "__self__")),
    functools.partial: Shape("partial", _partial_parts, _make_partial, names=field_names("func", "args", "keywords")),
    BuiltinFunctionType: Shape("builtin method", _builtin_method_parts, _make_builtin_method, names=field_names("__self__", "__name__")),
    MethodDescriptorType: _descriptor_shape("method descriptor", MethodDescriptorType),
    WrapperDescriptorType: _descriptor_shape("wrapper descriptor", WrapperDescriptorType),
    operator.itemgetter: _operator_shape(operator.itemgetter, lambda args: True),
    operator.attrgetter: _operator_shape(operator.attrgetter, lambda args: all(map(_public, args))),
    operator.methodcaller: _operator_shape(operator.methodcaller, lambda args: len(args) > 0 and _public(args[0])),
}
