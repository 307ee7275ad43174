"""Keys and states go through JSON and come back as the very same bytes, without the classes that are in them."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import stateflow
from stateflow.core.entity_codec import EntityCodec
from stateflow.core.runtime_codec import RuntimeCodec
from stateflow.core.store import Store
from stateflow.errors import LimitExceeded, MalformedBytes
from stateflow.limits import JSON_NESTING, KEY_BYTES
from stateflow.protocol import json_states
from stateflow.protocol.json_keys import key_from_json, key_to_json
from stateflow.protocol.json_states import state_from_json, state_to_json
from stateflow.protocol.keys import encode_key
from stateflow.protocol.trees import TreeCodec
from tests.unit.protocol.graphs import CODEC, Cart, Colour, Place, Price, Stack
from tests.unit.protocol.test_keys import KEYS, Size
from tests.unit.protocol.test_values import ATOMS, TREES


@stateflow.entity
class Box:
    def __init__(self, name: str) -> None:
        self.name = name

    def __key__(self) -> str:
        return self.name


FLOW = stateflow.init(Box)
STORE = Store(FLOW)


def entity_codec() -> EntityCodec:
    """Return the codec of entities whose values are those of `graphs`."""
    codec = EntityCodec(FLOW, RuntimeCodec(STORE).state_shapes)
    codec._codec._types = types = CODEC._types
    codec._trees = TreeCodec(types.shapes, codec._shapes, types.constant_names, codec._codec.shape_of_tag)
    return codec


ENTITIES = entity_codec()


def through_text(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))


def box(**attributes: Any) -> Box:
    made = object.__new__(Box)
    made.__dict__.update(attributes)
    return made


def as_json(made: Box) -> Any:
    """Return a state as JSON, after looking that it comes back as the same bytes."""
    data = ENTITIES.encode(made)
    value = through_text(state_to_json(data, "Box"))
    assert state_from_json(value, "Box") == data
    return value


@given(KEYS)
def test_every_key_comes_back_as_the_same_bytes(key: Any) -> None:
    data = encode_key(key)
    assert key_from_json(through_text(key_to_json(data))) == data


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("ann", "ann"), (7, 7), (True, True), (("ann", 7, ("x",)), ["ann", 7, ["x"]]), (b"a", {"$bytes": "YQ=="}),
        (2**64, {"$int": "0x10000000000000000"}), (Size.SMALL, {"$enum": f"{Size.__module__}.Size:SMALL"}),
    ],
)  # fmt: skip
def test_keys_are_written_so_that_people_can_read_them(key: Any, expected: Any) -> None:
    assert key_to_json(encode_key(key)) == expected


@pytest.mark.parametrize(
    "value",
    [None, 1.5, {}, {"a": 1}, {"$date": 3}, {"$date": "yesterday"}, {"$nothing": "x"}, {"$bytes": "?"}, {"$enum": "x"}, [None],
     {"$date": "2024-01-01", "$int": "0x1"}],
)  # fmt: skip
def test_what_is_no_key_is_refused(value: Any) -> None:
    with pytest.raises(MalformedBytes, match="is not the JSON of a key"):
        key_from_json(value)


def test_key_beyond_the_limit_is_refused() -> None:
    assert key_from_json("a" * (KEY_BYTES - 2))
    with pytest.raises(LimitExceeded, match="SF530"):
        key_from_json("a" * (KEY_BYTES - 1))


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), ATOMS, max_size=4))
def test_state_of_scalars_comes_back_as_the_same_bytes(attributes: dict[str, Any]) -> None:
    as_json(box(**attributes))


@given(TREES, TREES)
def test_state_of_any_values_comes_back_as_the_same_bytes(one: Any, other: Any) -> None:
    as_json(box(one=one, other=other, again=[one, other]))


def test_states_are_written_so_that_people_can_read_them() -> None:
    lines = ["tea", 2]
    made = box(name="ann", price=1.0, tags={"new": [1, None]}, cart=Cart("ann", lines), seen=lines, key=b"a", worst=math.inf, pair=(1, 2))
    assert as_json(made) == {
        "name": "ann",
        "price": 1.0,
        "tags": {"new": [1, None]},
        "cart": {"$": "class Cart", "parts": ["owner", "ann", "items", {"$": "list", "id": 4, "parts": ["tea", 2]}]},
        "seen": {"$ref": 4},
        "key": {"$bytes": "YQ=="},
        "worst": {"$float": "7ff0000000000000"},
        "pair": {"$": "tuple", "parts": [1, 2]},
    }


def test_object_that_holds_itself_and_the_entity_comes_back() -> None:
    made = box(name="ann")
    circle: list[Any] = [made]
    circle.append(circle)
    made.circle = circle  # type: ignore[attr-defined]
    assert as_json(made)["circle"] == {"$": "list", "id": 1, "parts": [{"$ref": 0}, {"$ref": 1}]}


@pytest.mark.parametrize("name", ["$", "$ref", "$graph", "$$x", "", "a b"])
def test_names_and_keys_that_look_like_a_form_come_back(name: str) -> None:
    as_json(box(**{name: 1, "held": {name: 1}}))
    as_json(box(**{name: [1]}))


@pytest.mark.parametrize("levels", [JSON_NESTING - 1, JSON_NESTING, JSON_NESTING + 1, 20_000])
def test_state_that_nests_deep_is_written_as_a_table(levels: int) -> None:
    value: Any = 1.0
    for _ in range(levels):
        value = [value]
    assert ("$graph" in as_json(box(deep=value, bad=math.nan))) == (levels > JSON_NESTING)


@pytest.mark.parametrize("value", [Price(2**70), Place("\ud800", -0.0), Stack([Colour.RED]), {1: 2, "a": "b"}, {}, [], {"$": 1}, (), set()])
def test_unusual_values_come_back(value: Any) -> None:
    as_json(box(value=value))


@pytest.mark.parametrize(
    "value",
    [
        None, [], "x", {"a": {"$ref": 7}}, {"a": {"$": 1, "parts": []}}, {"a": {"$": "list"}}, {"a": {"$float": "zz"}}, {"a": {"$x": 1}},
        {"a": 2**70}, {"$graph": {}}, {"$graph": {"root": [0], "tags": ["entity Other"], "nodes": [[0]]}}, {"$graph": 1},
        {"a": [{"$": "list", "id": 1, "parts": []}, {"$": "list", "id": 1, "parts": []}]},
    ],
)  # fmt: skip
def test_what_is_no_state_is_refused(value: Any) -> None:
    with pytest.raises(MalformedBytes, match="SF511: this is not the JSON of a state"):
        state_from_json(value, "Box")


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x01\x80x", b"SF\x01", b"SF\x02abc", CODEC.encode([1]), CODEC.encode(3)])
def test_bytes_that_are_no_state_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedBytes, match="SF511: these bytes are not the state of an entity"):
        state_to_json(data, "Box")


def test_state_of_the_largest_size_is_taken_and_a_larger_one_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(state_from_json({"a": ["x" * 1000]}, "Box"))
    monkeypatch.setattr(json_states, "VALUE_BYTES", size - 3)
    assert [len(state_from_json({"a": ["x" * count]}, "Box")) for count in (999, 1000)] == [size - 1, size]
    with pytest.raises(LimitExceeded, match=f"SF530: the state takes {size + 1} bytes"):
        state_from_json({"a": ["x" * 1001]}, "Box")
