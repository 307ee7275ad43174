"""Conversions to numbers, text and truth, in Python, so that the compiler can make them resumable."""

from __future__ import annotations

from typing import Any

from stateflow.core import prelude_native as native
from stateflow.core import prelude_text_native as text
from stateflow.core.prelude import ask_length, iter_
from stateflow.core.prelude_operators import binary, index, unary_method


def truth(value: Any) -> Any:
    method = native.special(value, "__bool__")
    if method is not None:
        return native.checked_bool(method())
    method = native.special(value, "__len__")
    if method is not None:
        return native.checked_len(method()) != 0
    return True


def bool_(value: Any = False, /) -> Any:
    return truth(value)


def str_(value: Any = "", /, *rest: Any, **named: Any) -> Any:
    if rest or named:
        return native.as_text(value, *rest, **named)
    method = native.special(value, "__str__")
    if method is not None and not native.is_default(value, "__str__"):
        return method()
    return repr_(value)


def repr_(value: Any, /) -> Any:
    if text.is_display(value):
        return _display(value, ())
    method = native.special(value, "__repr__")
    if method is None or native.is_default(value, "__repr__"):
        return native.plain_repr(value)
    return method()


def _display(value: Any, around: Any) -> Any:
    inside = (*around, value)
    if text.is_dict(value):
        return text.enclose(value, [_part(k, inside) + ": " + _part(v, inside) for k, v in value.items()])
    return text.enclose(value, [_part(element, inside) for element in value])


def _part(value: Any, around: Any) -> Any:
    if text.is_inside(value, around):
        return text.shortened(value)
    return _display(value, around) if text.is_display(value) else repr_(value)


def ascii_(value: Any, /) -> Any:
    return text.escaped(repr_(value))


def format_(value: Any, spec: Any = "", /) -> Any:
    method = native.special(value, "__format__")
    if method is not None and not native.is_default(value, "__format__"):
        return method(spec)
    if spec:
        raise native.unsupported_format(value)
    return str_(value)


def format_value(value: Any, conversion: Any, spec: Any) -> Any:
    if conversion == 115:
        return native.formatted(str_(value), spec)
    if conversion == 114:
        return native.formatted(repr_(value), spec)
    if conversion == 97:
        return native.formatted(ascii_(value), spec)
    return format_(value, spec)


def print_(*values: Any, sep: Any = None, end: Any = None, file: Any = None, flush: Any = False) -> Any:
    native.check_print(sep, end)
    last = native.length(values) - 1
    for position, value in native.numbered(values):
        if position < last:
            native.write(str_(value), end=" " if sep is None else sep, file=file)
        else:
            native.write(str_(value), end="", file=file)
    native.write(end=end, file=file, flush=flush)


def hash_(value: Any, /) -> Any:
    return native.special(value, "__hash__")()


def abs_(value: Any, /) -> Any:
    return unary_method(value, "__abs__", "abs()")


def int_(value: Any = 0, /, *rest: Any) -> Any:
    return _converted(value, ("__int__", "__index__", "__trunc__"), rest, native.as_int)


def float_(value: Any = 0.0, /) -> Any:
    return _converted(value, ("__float__", "__index__"), (), native.as_float)


def complex_(value: Any = 0, /, *rest: Any, **named: Any) -> Any:
    if rest or named:
        return native.as_complex(value, *rest, **named)
    return _converted(value, ("__complex__", "__float__", "__index__"), (), native.as_complex)


def chr_(value: Any, /) -> Any:
    return native.as_character(index(value))


def hex_(value: Any, /) -> Any:
    return native.as_hex(index(value))


def oct_(value: Any, /) -> Any:
    return native.as_oct(index(value))


def bin_(value: Any, /) -> Any:
    return native.as_bin(index(value))


def bytes_(value: Any = b"", /, *rest: Any, **named: Any) -> Any:
    if rest or named:
        return native.as_bytes(value, *rest, **named)
    method = native.special(value, "__bytes__")
    return native.checked_bytes(method()) if method is not None else native.as_bytes(_size_or_numbers(value, is_sized=True))


def bytearray_(value: Any = b"", /, *rest: Any, **named: Any) -> Any:
    return native.as_bytearray(value, *rest, **named) if rest or named else native.as_bytearray(_size_or_numbers(value, is_sized=False))


def _size_or_numbers(value: Any, *, is_sized: Any) -> Any:
    method = native.special(value, "__index__") if native.is_entity(value) else None
    if method is not None:
        return method()
    is_iterated = native.is_generator(value) or (native.is_entity(value) and native.special(value, "__iter__") is not None)
    if not is_iterated:
        return value
    numbers = []
    iterator = iter_(value)
    if is_sized:
        ask_length(value)
    for number in iterator:
        numbers.append(number)
    return numbers


def vars_(value: Any, /) -> Any:
    if not native.is_entity(value):
        return native.attributes(value)
    try:
        return native.read(value, "__dict__")
    except AttributeError:
        raise native.no_attributes() from None


def dir_(value: Any, /) -> Any:
    if not native.is_entity(value):
        return native.names(value)
    return native.in_order(value.__dir__())


def _converted(value: Any, names: Any, rest: Any, convert: Any) -> Any:
    if rest:
        return convert(value, *rest)
    for name in names:
        method = native.special(value, name)
        if method is not None:
            return convert(method())
    return convert(value)


def range_(*bounds: Any) -> Any:
    return native.as_range(*[index(b) for b in bounds])


def round_(number: Any, ndigits: Any = None) -> Any:
    method = native.special(number, "__round__")
    if method is None:
        raise native.no_method(number, "__round__")
    return method() if ndigits is None else method(ndigits)


def divmod_(left: Any, right: Any, /) -> Any:
    return binary("divmod", left, right)


def pow_(base: Any, exp: Any, mod: Any = None) -> Any:
    if mod is None:
        return binary("pow", base, exp)
    return native.special(base, "__pow__")(exp, mod)
