"""Objects that a codec is told to name are themselves after bytes, and so is what they hold."""

from __future__ import annotations

from collections import OrderedDict, deque
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest

from stateflow.errors import MalformedBytes, UnstorableValue
from stateflow.protocol.held_objects import HeldObjects
from stateflow.protocol.values import ValueCodec, ValueTypes

NUMBERS = [1, 2]


class Rule:
    __slots__ = ("__dict__", "k")

    def __init__(self, k: int) -> None:
        self.k = k
        self.parts = [k]


def codec_of(**roots: object) -> ValueCodec:
    types = ValueTypes()
    types.register_class(Rule)
    return ValueCodec(types, held=HeldObjects(roots, lambda kind: kind in types.shapes and kind not in (int, str), {Rule}, ()))


def through_bytes(codec: ValueCodec, value: object) -> Any:
    return codec.decode(codec.encode(value))


def test_a_held_object_is_itself_and_an_equal_one_is_a_copy() -> None:
    own, equal = through_bytes(codec_of(NUMBERS=NUMBERS), [NUMBERS, [1, 2]])
    assert own is NUMBERS
    assert equal == NUMBERS
    assert equal is not NUMBERS


def test_what_a_held_object_holds_is_itself_by_any_kind_of_step() -> None:
    key, rule = Rule(1), Rule(2)
    table: dict[Any, Any] = {"a": [rule], 1.5: [2], key: ([3],), "proxy": MappingProxyType({"b": [4]}), "space": SimpleNamespace(c=[5])}
    ordered, queue = OrderedDict(x=[6], y=[7]), deque([[8], [9]])
    ordered.move_to_end("x")
    held = [
        table, key, rule, rule.parts, table[1.5], table[key], table[key][0], table["proxy"], table["proxy"]["b"], table["space"].c,
        ordered, ordered["x"], ordered["y"], queue, queue[1],
    ]  # fmt: skip
    again = through_bytes(codec_of(TABLE=table, ORDERED=ordered, QUEUE=queue), held)
    assert all(a is b for a, b in zip(again, held, strict=True))


def test_an_object_that_is_no_longer_held_is_a_copy() -> None:
    table = {"a": [1]}
    codec = codec_of(TABLE=table)
    first = table["a"]
    assert through_bytes(codec, [first])[0] is first
    table["a"] = [1]
    assert through_bytes(codec, [first])[0] is not first


def test_an_immutable_container_without_elements_is_not_named() -> None:
    codec = codec_of(TABLE={"a": (), "b": frozenset()})
    assert through_bytes(codec_of(), ()) == ()
    assert codec.encode([(), frozenset()]) == codec_of().encode([(), frozenset()])


def test_an_object_known_only_by_its_set_is_refused_and_one_that_compares_by_value_is_copied() -> None:
    rule, pair = Rule(1), (1, [2])
    other = Rule(2)
    codec = codec_of(RULES={rule, other}, FIRST=[other], PAIRS=frozenset({(1, 2)}))
    with pytest.raises(UnstorableValue, match="a Rule known only by being in a set of the module"):
        codec.encode([rule])
    assert through_bytes(codec, [other])[0] is other
    assert through_bytes(codec, [pair])[0] == pair


def test_a_held_object_that_another_flow_lacks_is_refused() -> None:
    data = codec_of(NUMBERS=NUMBERS).encode([NUMBERS])
    with pytest.raises(MalformedBytes, match=r"no module of this flow holds NUMBERS"):
        codec_of(OTHERS=NUMBERS).decode(data)


@pytest.mark.parametrize("other", [{}, {"a": []}, {"a": 3}, {"a": [3]}, [], 7, SimpleNamespace(a=[[1]])])
def test_a_path_that_leads_nowhere_is_refused(other: object) -> None:
    table = {"a": [[1]]}
    data = codec_of(TABLE=table).encode([table["a"][0]])
    with pytest.raises(MalformedBytes):
        codec_of(TABLE=other).decode(data)
