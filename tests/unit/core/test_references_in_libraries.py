"""Library code that asks a reference what the entity's class answers gets an error, never an answer of its own."""

from __future__ import annotations

import math
import operator
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

import stateflow
from stateflow.core.store import Store
from stateflow.errors import ReferenceInNativeCode

if TYPE_CHECKING:
    from collections.abc import Callable


@stateflow.entity
class Odd:
    def __init__(self, name: str) -> None:
        self.name = name

    def __key__(self) -> str:
        return self.name

    def __fspath__(self) -> str:
        return self.name

    def __length_hint__(self) -> int:
        return 3

    def __floor__(self) -> int:
        return 1

    def __ceil__(self) -> int:
        return 1

    def __dir__(self) -> list[str]:
        return []

    def __sizeof__(self) -> int:
        return 1

    def __index__(self) -> int:
        return 1


REFERENCE: Any = Store(stateflow.init(Odd)).references.get(Odd, "a")


@pytest.mark.parametrize("ask", [os.fspath, operator.length_hint, math.floor, math.ceil, dir, sys.getsizeof, operator.index, hex])
def test_special_method_of_another_entity_is_an_error_in_library_code(ask: Callable[[Any], object]) -> None:
    with pytest.raises(ReferenceInNativeCode, match="SF520"):
        ask(REFERENCE)
