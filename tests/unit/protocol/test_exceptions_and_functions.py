"""Exceptions keep everything but the traceback; functions of registered code keep their cells."""

from __future__ import annotations

import functools
import operator

import pytest

from stateflow.errors import ConfigurationError, EntityNotFound, UnstorableValue
from stateflow.protocol.values import ValueCodec, ValueTypes
from tests.unit.protocol.graphs import CODEC, WAYS, Plain, ShopError, through_bytes


@pytest.fixture(params=WAYS.values(), ids=WAYS.keys())
def pass_through(request):
    return request.param


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        try:
            raise KeyError("first")
        except KeyError:
            raise error from cause
    except BaseException as caught:
        return caught


def test_an_exception_keeps_type_args_attributes_cause_context_and_notes(pass_through):
    error = raised(ShopError("pen", amount=3), ValueError("why"))
    error.add_note("a note")
    made = pass_through(error)
    assert type(made) is ShopError
    assert (made.args, made.item, made.amount, made.__notes__) == (("3 of pen",), "pen", 3, ["a note"])
    assert (type(made.__cause__), made.__cause__.args) == (ValueError, ("why",))
    assert type(made.__context__) is KeyError
    assert made.__suppress_context__


def test_raise_from_none_stays_so(pass_through):
    try:
        raise ShopError("pen", amount=1) from None
    except ShopError as error:
        made = pass_through(error)
    assert made.__suppress_context__
    assert made.__cause__ is None


def test_a_copy_keeps_the_traceback_and_bytes_have_none():
    error = raised(ValueError("x"))
    assert CODEC.copy(error).__traceback__ is error.__traceback__
    assert through_bytes(error).__traceback__ is None


def test_an_exception_in_a_list_and_as_a_cause_is_one_object(pass_through):
    cause = ValueError("shared")
    error = raised(RuntimeError("x"), cause)
    made_error, made_cause = pass_through([error, cause])
    assert made_error.__cause__ is made_cause


@pytest.mark.parametrize(
    "error",
    [
        OSError(2, "no such file", "a.txt"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
        StopIteration(5),
        SystemExit(3),
        KeyError("a"),
        ImportError("x", name="m"),
        EntityNotFound("Item", "pen"),
        UnstorableValue("User.lock", "a lock"),
        SyntaxError("bad", ("f.py", 1, 2, "text", 1, 3)),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_exception_of_each_layout_prints_and_reads_the_same(pass_through, error):
    made = pass_through(error)
    assert (type(made), str(made), repr(made), made.args) == (type(error), str(error), repr(error), error.args)
    for name in ("errno", "filename", "start", "value", "code", "name", "key", "path", "lineno"):
        assert getattr(made, name, None) == getattr(error, name, None)


def test_a_group_keeps_its_members(pass_through):
    made = pass_through(ExceptionGroup("several", [ValueError(1), ExceptionGroup("inner", [KeyError("a")])]))
    rest = made.split(KeyError)[1]
    assert [type(e) for e in rest.exceptions] == [ValueError]
    assert made.message == "several"


def make_counter():
    count = 0

    def add(step=1):
        nonlocal count
        count += step
        return count

    def read():
        return count

    return add, read


def closure_codec() -> ValueCodec:
    types = ValueTypes()
    for code in make_counter.__code__.co_consts:
        if hasattr(code, "co_name"):
            types.register_code(f"code {code.co_name}", code, globals())
    return ValueCodec(types)


@pytest.fixture(params=["bytes", "copy"])
def pass_closure(request):
    codec = closure_codec()
    return codec.copy if request.param == "copy" else lambda value: codec.decode(codec.encode(value))


def test_two_functions_share_one_cell(pass_closure):
    add, read = pass_closure(make_counter())
    add(5)
    assert read() == 5


def test_a_function_keeps_name_defaults_attributes_and_globals(pass_closure):
    add, _ = make_counter()
    add.limit = [1]
    add.__kwdefaults__ = None
    made = pass_closure(add)
    assert (made.__name__, made.__qualname__, made.__defaults__, made.limit) == ("add", add.__qualname__, (1,), [1])
    assert made.__globals__ is globals()
    assert made is not add


def test_a_function_may_be_an_attribute_of_itself(pass_closure):
    add, _ = make_counter()
    add.me = add
    made = pass_closure([add])[0]
    assert made.me is made


def test_a_function_that_is_not_registered_is_refused_by_name():
    with pytest.raises(UnstorableValue, match=r"make_counter\.<locals>\.add"):
        through_bytes(make_counter()[0])


def test_bound_methods_partials_and_operators_stay_callable(pass_through):
    numbers = [3, 1]
    same, append, biggest, item = pass_through((numbers, numbers.append, functools.partial(max, 5), operator.itemgetter(0)))
    append(7)
    assert (same, biggest(2), item(same)) == ([3, 1, 7], 5, 3)


@pytest.mark.parametrize("value", [eval, exec, open, getattr, __import__, compile, print])
def test_builtins_that_run_text_or_reach_files_cannot_be_named_by_bytes(value):
    with pytest.raises(UnstorableValue):
        CODEC.encode(value)


def test_two_constants_of_one_name_are_refused():
    types = ValueTypes()
    types.register_constant("a", Plain())
    with pytest.raises(ConfigurationError, match="two different constants"):
        types.register_constant("a", Plain())
