"""Objects that a codec is told to name are themselves after bytes."""

from __future__ import annotations

import pytest

from stateflow.errors import MalformedBytes
from stateflow.protocol.values import ValueCodec, ValueTypes

NUMBERS = [1, 2]


def test_a_held_object_is_itself_and_an_equal_one_is_a_copy() -> None:
    codec = ValueCodec(ValueTypes(), held={"shop.NUMBERS": NUMBERS})
    own, equal = codec.decode(codec.encode([NUMBERS, [1, 2]]))  # type: ignore[misc]
    assert own is NUMBERS
    assert equal == NUMBERS
    assert equal is not NUMBERS


def test_a_held_object_that_another_flow_lacks_is_refused() -> None:
    data = ValueCodec(ValueTypes(), held={"shop.NUMBERS": NUMBERS}).encode([NUMBERS])
    with pytest.raises(MalformedBytes, match=r"no module of this flow has a constant 'shop\.NUMBERS'"):
        ValueCodec(ValueTypes(), held={"shop.OTHERS": NUMBERS}).decode(data)
