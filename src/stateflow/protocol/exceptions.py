"""Shapes of exceptions. They are made by the `__new__` of their nearest builtin base, whatever the signature of an `__init__` is."""

from __future__ import annotations

import builtins
import decimal
import sys
from typing import TYPE_CHECKING, Any

from stateflow import errors
from stateflow.protocol.classes import Attributes
from stateflow.protocol.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["exception_shape", "known_exceptions"]

# AttributeError.obj is left out: it may be any object, and its only use is the interpreter's "did you mean".
_FIELDS: dict[type[BaseException], tuple[str, ...]] = {
    BlockingIOError: ("characters_written",),
    OSError: ("errno", "strerror", "filename", "filename2"),
    UnicodeDecodeError: ("encoding", "object", "start", "end", "reason"),
    UnicodeEncodeError: ("encoding", "object", "start", "end", "reason"),
    UnicodeTranslateError: ("object", "start", "end", "reason"),
    ImportError: ("msg", "name", "path"),
    StopIteration: ("value",),
    SystemExit: ("code",),
    NameError: ("name",),
    AttributeError: ("name",),
    SyntaxError: ("msg", "filename", "lineno", "offset", "text", "end_lineno", "end_offset", "print_file_and_line"),
}
_LIBRARY = {
    "asyncio": ("CancelledError", "InvalidStateError", "QueueEmpty", "QueueFull"),
    "json": ("JSONDecodeError",),
    "dataclasses": ("FrozenInstanceError",),
    "re": ("error",),
    "struct": ("error",),
}
_HEAD = (".args", ".__cause__", ".__context__", ".__suppress_context__")


def exception_shape(cls: type[BaseException], tag: str) -> Shape:
    """Derive the shape of a class of exceptions: type, args, attributes, cause, context and notes; not the traceback."""
    attributes = Attributes(cls, _builtin_fields(cls))
    base: Any = next(base for base in cls.__mro__ if not base.__flags__ & _HEAP_TYPE)

    def flatten(error: BaseException) -> list[Any]:
        head = [error.args, error.__cause__, error.__context__, error.__suppress_context__]
        return head + attributes.read(error)

    def new() -> Any:
        return base.__new__(cls)

    def fill(error: BaseException, children: Sequence[Any]) -> None:
        args, cause, context, suppress, *own = children
        error.args = args
        attributes.write(error, own)
        # The order matters: setting the cause suppresses the context.
        error.__cause__ = cause
        error.__context__ = context
        error.__suppress_context__ = suppress

    def names(error: BaseException) -> list[str]:
        return [*_HEAD, *attributes.names(error)]

    if not issubclass(cls, BaseExceptionGroup):
        return Shape(tag, flatten, new=new, fill=fill, names=names)

    def flatten_group(group: BaseExceptionGroup[Any]) -> list[Any]:
        return [group.message, group.exceptions, *flatten(group)]

    def make_group(children: Sequence[Any]) -> Any:
        message, members, *rest = children
        group = base.__new__(cls, message, members)
        fill(group, rest)
        return group

    return Shape(tag, flatten_group, make_group, names=lambda group: [".message", ".exceptions", *names(group)])


_HEAP_TYPE = 1 << 9


def _builtin_fields(cls: type[BaseException]) -> dict[str, Any]:
    return {name: getattr(base, name) for base, names in _FIELDS.items() if issubclass(cls, base) for name in names}


def known_exceptions() -> Iterator[tuple[str, type[BaseException]]]:
    """Yield the exceptions of Python, of `decimal`, `json` and `asyncio`, and of StateFlow, with their names in bytes."""
    for source in (builtins, errors):
        for value in vars(source).values():
            if isinstance(value, type) and issubclass(value, BaseException) and value.__module__ == source.__name__:
                yield f"{value.__module__}.{value.__qualname__}", value
    for module, names in _LIBRARY.items():
        # Importing asyncio takes longer than all of StateFlow; who uses its exceptions has imported it.
        if module in sys.modules:
            for name in names:
                yield f"{module}.{name}", getattr(sys.modules[module], name)
    yield from _decimal_signals(decimal.DecimalException, set())


def _decimal_signals(cls: type[BaseException], seen: set[type]) -> Iterator[tuple[str, type[BaseException]]]:
    # The conditions of decimal (ConversionSyntax...) have no public name; they are the arguments of its exceptions.
    if cls.__module__ == "decimal" and cls not in seen:
        seen.add(cls)
        yield f"decimal.{cls.__name__}", cls
        for sub in cls.__subclasses__():
            yield from _decimal_signals(sub, seen)
