"""A reference alone is written in a way of its own, as the same bytes that it is in a graph's table."""

from __future__ import annotations

from enum import Enum

import pytest

import stateflow
from stateflow.core.store import Store
from stateflow.protocol.client_values import reference_shapes
from stateflow.protocol.values import _CAREFUL_INLINE, ValueCodec, _fits


class Colour(Enum):
    RED = 1


@stateflow.entity
class Pen:
    def __init__(self, key: object) -> None:
        self.key = key

    def __key__(self) -> object:
        return self.key


FLOW = stateflow.init(Pen)
STORE = Store(FLOW)
CODEC = ValueCodec(FLOW.values, reference_shapes(FLOW, STORE.references))


@pytest.mark.parametrize("key", ["", "a", "\ud800", 0, -7, 2**63, 2**64, 2**200, b"\0", True, Colour.RED, (), (1, "a"), ((1,), b"")])
def test_reference_alone_is_written_as_in_a_table(key: object) -> None:
    reference = STORE.references.get(Pen, key)
    data = CODEC.encode(reference)
    assert data[3:] == CODEC._write(reference, "value", _CAREFUL_INLINE, _fits)
    assert CODEC.decode(data) is reference
