"""Arguments without an object graph: read as they were written, refused when damaged, left to the object graph when it is needed."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

import stateflow
from stateflow.errors import MalformedBytes
from stateflow.limits import VALUE_BYTES
from stateflow.protocol.flat_arguments import FLAT, read_flat, write_flat
from stateflow.references import Reference, ReferenceTable


@stateflow.entity
class Thing:
    def __init__(self, name: str) -> None:
        self.name = name

    def __key__(self) -> str:
        return self.name


class _Owner:
    pass


TABLE = ReferenceTable(stateflow.init(Thing).reference_types, _Owner())
THING = TABLE.get(Thing, "a")
NUMBERED = TABLE.get(Thing, 7)


def _find(name: str, key: Any) -> Reference:
    if name != "Thing":
        raise MalformedBytes("no such class")
    return TABLE.get(Thing, key)


def _write(key: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes | None:
    return write_flat(key, args, kwargs, lambda cls: cls.__qualname__)


@pytest.mark.parametrize("key", ["k", "", 3, -1, True, None, 1.5])
@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((), {}), ((1, 1.0, True, None, "x", -5), {}), ((THING, 2), {}), ((NUMBERED,), {"other": THING, "n": 1}), ((), {"é": "é"})],
)
def test_scalars_and_references_come_back_as_they_were(key: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    data = _write(key, args, kwargs)
    assert data is not None
    again = read_flat(data, _find)
    assert again == (key, args, kwargs)
    assert list(map(type, (again[0], *again[1], *again[2].values()))) == list(map(type, (key, *args, *kwargs.values())))
    assert all(value is THING for value in again[1] if value == THING)


@pytest.mark.parametrize(
    ("key", "args"),
    [
        (("a", 1), ()), ("k", ([1],)), ("k", ((1,),)), ("k", ({},)), ("k", (2**70,)), ("k", ("\ud800",)),
        ("k", (TABLE.get(Thing, ("a", 1)),)), ("k", ("x" * VALUE_BYTES,)), ("k", (1j,)), ("k", (b"x",)), (b"k", ()),
    ],
)  # fmt: skip
def test_other_arguments_are_left_to_the_object_graph(key: Any, args: tuple[Any, ...]) -> None:
    assert _write(key, args, {}) is None
    assert _write("k", (), {"n": key}) is None or type(key) is str


@pytest.mark.parametrize(
    "made",
    [
        (), ("k",), ("k", [], {}, 1), ("k", 1, {}), ([], [], {}), ("k", [[]], {}), ("k", [["Thing"]], {}), ("k", [["Thing", ["a"]]], {}),
        ("k", [["Other", "a"]], {}), ("k", [[1, "a"]], {}), ("k", [{}], {}), ("k", [], {"a": [["Thing", "a"]]}), ("k", [], {1: 1}),
        ("k", [[["deep"] * 3] * 3], {}), ("k", [msgspec.msgpack.Ext(5, b"x")], {}), (msgspec.msgpack.Ext(5, b"x"), [], {}),
    ],
)  # fmt: skip
def test_what_was_not_written_so_is_refused(made: Any) -> None:
    with pytest.raises(MalformedBytes):
        read_flat(FLAT + msgspec.msgpack.encode(made), _find)


def test_damaged_bytes_are_refused_or_read_as_scalars_and_references() -> None:
    data = _write("key", (1, "text", THING, None), {"a": 2.5})
    assert data is not None
    chance = random.Random(5)
    for _ in range(3000):
        damaged = bytearray(data)
        damaged[chance.randrange(1, len(data))] = chance.randrange(256)
        try:
            key, args, kwargs = read_flat(bytes(damaged[: chance.randrange(1, len(data) + 1)]), _find)
        except MalformedBytes:
            continue
        found = (key, *args, *kwargs.values())
        assert all(value is None or isinstance(value, int | float | str | bytes | Reference) for value in found)


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(MalformedBytes):
        read_flat(FLAT + bytes(VALUE_BYTES + 1), _find)
