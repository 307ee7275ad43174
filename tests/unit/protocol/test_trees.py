"""Tree states say what object graphs say: the same objects come back, and as many of them, whatever they are."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stateflow.errors import MalformedBytes
from stateflow.protocol.json_states import state_from_json
from stateflow.protocol.states import TREE
from tests.unit.protocol.graphs import Cart, Colour, Place, Price, is_same_graph
from tests.unit.protocol.test_json import ENTITIES, STORE, Box, as_json, box

TEXTS = st.text(st.characters(codec="utf-8"))
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(), TEXTS, st.binary())
KEYS = st.one_of(st.integers(), TEXTS, st.tuples(st.integers(0, 99), st.booleans()))
REFERENCES = KEYS.map(lambda key: STORE.references.get(Box, key))
OBJECTS = st.one_of(st.builds(Place, SCALARS, SCALARS), st.builds(Price, SCALARS, st.just("EUR")))
PLAIN = st.one_of(
    SCALARS,
    REFERENCES,
    st.lists(SCALARS),
    st.lists(SCALARS).map(tuple),
    st.lists(REFERENCES),
    st.lists(st.builds(Place, SCALARS, SCALARS), min_size=1),
    st.lists(st.builds(Price, SCALARS, st.just("EUR"))).map(tuple),
)
OTHERS = st.one_of(st.lists(OBJECTS), st.lists(st.lists(SCALARS)), st.dictionaries(st.text("ab"), SCALARS), st.lists(REFERENCES).map(tuple))


@given(st.dictionaries(st.text("abc", min_size=1), st.one_of(PLAIN, OTHERS), max_size=4))
def test_a_state_comes_back_with_the_same_objects(attributes: dict[str, Any]) -> None:
    made = box(**attributes)
    data = ENTITIES.encode(made)
    again = ENTITIES.decode(Box, data)
    assert is_same_graph(vars(again), attributes)
    assert ENTITIES.encode(again) == data
    as_json(made)


@pytest.mark.parametrize(
    "value",
    [
        STORE.references.get(Box, "a"), STORE.references.get(Box, (1, "a")), (1, 2), (), [], [1], [Place(1, 2)], (Price(1), Price(2)),
        [Cart], [STORE.references.get(Box, 1), STORE.references.get(Box, 2)],
    ],
)  # fmt: skip
def test_what_most_states_are_made_of_is_written_as_a_tree(value: Any) -> None:
    assert (ENTITIES.encode(box(a=value, b=1))[:1] == TREE) is (value != [Cart])


@pytest.mark.parametrize("held", [[1], (1, 2), Place(1, 2), Price(3)])
def test_an_object_that_is_held_twice_stays_one_object(held: Any) -> None:
    for attributes in ({"a": held, "b": held}, {"a": [held, held]}, {"a": [held], "b": (held,)}):
        data = ENTITIES.encode(box(**attributes))
        assert data[:1] != TREE
        assert is_same_graph(vars(ENTITIES.decode(Box, data)), attributes)


def test_the_empty_tuple_and_a_reference_may_be_met_again() -> None:
    reference = STORE.references.get(Box, 1)
    data = ENTITIES.encode(box(a=(), b=(), c=reference, d=[reference, reference]))
    assert data[:1] == TREE
    again = vars(ENTITIES.decode(Box, data))
    assert again["a"] is again["b"] == ()
    assert again["c"] is again["d"][0] is again["d"][1] is reference


@pytest.mark.parametrize("value", [2**64, "\ud800", (2**64,), ["\ud800"], [Place(2**70, 1)], Colour.RED, [Colour.RED]])
def test_what_messagepack_cannot_hold_is_no_tree(value: Any) -> None:
    made = box(a=value, b=(1,))
    data = ENTITIES.encode(made)
    assert data[:1] != TREE
    assert is_same_graph(vars(ENTITIES.decode(Box, data)), vars(made))


@pytest.mark.parametrize(
    "token",
    [
        [], [6, 1], [-1, 1], ["0", 1], [None], [1, []], [2, [1]], [1, {}], [3, "class no.Such", [1]], [3], [4, 1, [1]], [4, "list", [[1]]],
        [0], [0, "Box"], [0, "Nobody", 1], [0, "Box", [[1]]], [0, "Box", 1, 2], [5, "Nobody", 1], [5], {}, [[0]],
        [3, "class tests.unit.protocol.graphs.Price", [1]], [4, "class tests.unit.protocol.graphs.Place", [9, 1]],
    ],
)  # fmt: skip
def test_bytes_that_are_no_tree_are_refused(token: Any) -> None:
    with pytest.raises(MalformedBytes, match="SF511"):
        ENTITIES.decode(Box, TREE + msgspec.msgpack.encode({"a": token}))


@given(st.binary(max_size=40))
def test_any_bytes_are_a_state_or_are_refused(data: bytes) -> None:
    try:
        made = ENTITIES.decode(Box, TREE + data)
    except MalformedBytes:
        return
    ENTITIES.encode(made)


def test_an_entity_that_holds_itself_is_no_tree_in_json_either() -> None:
    made = box(a=[1])
    vars(made)["me"] = made
    vars(made)["us"] = [made]
    as_json(made)
    assert state_from_json({"me": {"$ref": 0}}, "Box")[:1] != TREE
