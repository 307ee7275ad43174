"""Operators, attributes and construction, in Python, so that the compiler can make them resumable."""

from __future__ import annotations

from typing import Any

from stateflow.core import prelude_native as native
from stateflow.core.prelude import extend_in_place, fill_mapping, iter_, sequence_of

_DEFAULT = native.DEFAULT


def index(value: Any) -> Any:
    method = native.special(value, "__index__")
    return value if method is None else method()


def place(where: Any) -> Any:
    if native.is_slice(where):
        return native.slice_of(_bound(where.start), _bound(where.stop), _bound(where.step))
    return index(where)


def _bound(value: Any) -> Any:
    return index(value) if native.is_entity(value) else value


def unary_method(value: Any, name: Any, sign: Any) -> Any:
    method = native.special(value, name)
    if method is None:
        raise native.bad_operand(sign, value)
    return method()


def unary(name: Any, operand: Any) -> Any:
    return unary_method(operand, name, native.sign(name))


def binary(name: Any, left: Any, right: Any) -> Any:
    result = _binary(name, left, right)
    if result is NotImplemented:
        raise native.bad_operands(native.sign(name), left, right)
    return result


def _reflected(name: Any, left: Any, right: Any) -> Any:
    method = native.special(right, f"__r{name}__")
    return NotImplemented if method is None else method(left)


def _times(count: Any) -> Any:
    """Return how often a sequence is repeated."""
    method = native.special(count, "__index__")
    if method is None:
        raise TypeError(f"can't multiply sequence by non-int of type '{native.type_of(count).__name__}'")
    return method()


def _binary(name: Any, left: Any, right: Any) -> Any:
    if native.is_joined(left, name):
        # Sequences join and repeat only when the right operand does not answer.
        result = _reflected(name, left, right)
        method = native.special(left, f"__{name}__")
        if result is not NotImplemented or method is None:
            return result
        return method(_times(right) if name == "mul" else right)
    forward = native.special(left, f"__{name}__")
    if forward is None and name == "mul" and native.is_joined(right, name):
        return right * _times(left)
    backward = native.special(right, f"__r{name}__") if native.type_of(left) is not native.type_of(right) else None
    if backward is not None and native.is_overriding(left, right, f"__r{name}__"):
        result = backward(left)
        if result is not NotImplemented:
            return result
        backward = None
    if forward is not None:
        result = forward(right)
        if result is not NotImplemented:
            return result
    return NotImplemented if backward is None else backward(left)


def inplace(name: Any, left: Any, right: Any) -> Any:
    if native.is_joined(left, name):
        result = _reflected(name, left, right)
        if result is not NotImplemented:
            return result
        right = _times(right) if name == "mul" else right
    if native.is_generator(right) or native.is_entity(right):
        if name == "add" and native.is_extended(left):
            extend_in_place(left, right)
            return left
        if name == "or" and native.is_dict(left):
            fill_mapping(left, right)
            return left
    method = native.special(left, f"__i{name}__")
    if method is not None:
        result = method(right)
        if result is not NotImplemented:
            return result
    result = _binary(name, left, right)
    if result is NotImplemented:
        raise native.bad_operands(native.sign(name) + "=", left, right)
    return result


def compare(name: Any, left: Any, right: Any) -> Any:
    mirrored = native.mirrored(name)
    is_first = native.is_overriding(left, right, mirrored)
    if is_first:
        result = _compare_once(mirrored, right, left)
        if result is not NotImplemented:
            return result
    result = _compare_once(name, left, right)
    if result is not NotImplemented:
        return result
    if not is_first:
        result = _compare_once(mirrored, right, left)
        if result is not NotImplemented:
            return result
    if name == "__eq__":
        return left is right
    if name == "__ne__":
        return left is not right
    raise native.not_ordered(name, left, right)


def _compare_once(name: Any, left: Any, right: Any) -> Any:
    if native.is_default(left, name):
        if name != "__ne__" or native.is_default(left, "__eq__"):
            return native.identical(name, left, right)
        result = native.special(left, "__eq__")(right)
        return result if result is NotImplemented else not result
    return native.special(left, name)(right)


def contains(container: Any, value: Any) -> Any:
    method = native.special(container, "__contains__")
    if method is not None:
        return native.as_bool(method(value))
    if native.is_ruled_out(container, "__contains__"):
        raise native.lacking(container, "a container")
    try:
        iterator = iter_(container)
    except TypeError:
        iterator = None
    if iterator is None:
        # Outside of the clause above, as Python puts this error in the place of the other one.
        raise native.not_searchable(container)
    for found in iterator:  # noqa: SIM110 - `any` is made of such loops
        if found is value or found == value:
            return True
    return False


def get_item(container: Any, where: Any) -> Any:
    method = native.special(container, "__getitem__")
    if method is None:
        raise native.not_subscriptable(container)
    return method(place(where) if native.is_sequence(container) else where)


def set_item(container: Any, where: Any, value: Any) -> Any:
    method = native.special(container, "__setitem__")
    if method is None:
        raise native.no_item("assignment", container)
    if native.is_sequence(container):
        where = place(where)
        if native.is_slice(where) and (native.is_generator(value) or native.is_entity(value)):
            value = sequence_of(value)
    method(where, value)


def delete_item(container: Any, where: Any) -> Any:
    method = native.special(container, "__delitem__")
    if method is None:
        raise native.no_item("deletion", container)
    method(place(where) if native.is_sequence(container) else where)


def getattr_(owner: Any, name: Any, default: Any = _DEFAULT, /) -> Any:
    if default is _DEFAULT:
        return native.read(owner, name)
    try:
        return native.read(owner, name)
    except AttributeError:
        return default


def hasattr_(owner: Any, name: Any, /) -> Any:
    try:
        native.read(owner, name)
    except AttributeError:
        return False
    return True


def setattr_(owner: Any, name: Any, value: Any, /) -> Any:
    native.write_attribute(owner, name, value)


def delattr_(owner: Any, name: Any, /) -> Any:
    native.remove_attribute(owner, name)


def match_attribute(subject: Any, name: Any) -> Any:
    try:
        return native.read(subject, name)
    except AttributeError:
        return native.STOP


def call_attribute(owner: Any, name: Any, args: Any, kwargs: Any) -> Any:
    function = native.read(owner, name)
    return function(*args, **kwargs)


def generator_send(generator: Any, value: Any, /) -> Any:
    if value is not None and native.is_fresh(generator):
        raise TypeError("can't send non-None value to a just-started generator")
    result = native.send(generator, value)
    if result is native.STOP:
        raise native.ended(generator)
    return result


def generator_throw(generator: Any, error: Any, /) -> Any:
    result = native.throw(generator, native.as_error(error))
    if result is native.STOP:
        raise native.ended(generator)
    return result


def generator_close(generator: Any, /) -> Any:
    try:
        result = native.throw(generator, GeneratorExit())
    except (GeneratorExit, StopIteration):
        return
    if result is not native.STOP:
        raise RuntimeError("generator ignored GeneratorExit")


def construct(cls: Any, /, *args: Any, **kwargs: Any) -> Any:
    made = native.new(cls, args, kwargs)
    result = made.__init__(*args, **kwargs)
    native.check_init(result)
    return made


def call_and_await(function: Any, /, *args: Any) -> Any:
    return native.await_value(function(*args))
