"""What an entity cannot keep is refused at the end of the request that put it there, and methods of `object` are reached by name."""

from __future__ import annotations

import io
import re

import pytest

import stateflow
from stateflow.errors import UnstorableValue
from stateflow.runtime.local import LocalRuntime


@stateflow.entity
class Shelf:
    def __init__(self, name: str) -> None:
        self.name = name
        self.held: object = None

    def __key__(self) -> str:
        return self.name

    def hold(self) -> int:
        self.held = [object()]
        return 1

    def wait(self, other: object) -> object:
        found = {"first": [re.match("a", "a")]}
        return other.held, found  # type: ignore[attr-defined]

    def wait_inside(self, other: object) -> object:
        with io.StringIO() as _:
            return other.held  # type: ignore[attr-defined]

    def call(self, other: object, name: str) -> object:
        return self.wait(other) if name == "wait" else self.wait_inside(other)

    def set_name_of(self, other: Shelf, held: object) -> object:
        other.__setattr__("held", held)
        return other.__getattribute__("held")


MODES = pytest.mark.parametrize("suspends", [False, True], ids=["inline", "suspended"])


@MODES
def test_a_state_that_cannot_be_stored_undoes_the_request_and_is_named_by_its_path(suspends: bool) -> None:
    with LocalRuntime(stateflow.init(Shelf), suspend_everywhere=suspends) as runtime, runtime.client() as client:
        shelf = client.create(Shelf, "a").get(timeout=10)
        with pytest.raises(UnstorableValue) as error:
            client.call(shelf, "hold").get(timeout=10)
        assert error.value.path == "Shelf.held[0]"
        assert client.state(shelf).get(timeout=10) == {"name": "a", "held": None}


@MODES
def test_object_s_own_methods_of_another_entity_are_carried_out_there(suspends: bool) -> None:
    with LocalRuntime(stateflow.init(Shelf), suspend_everywhere=suspends) as runtime, runtime.client() as client:
        first, second = (client.create(Shelf, n).get(timeout=10) for n in "ab")
        assert client.call(first, "set_name_of", second, 7).get(timeout=10) == 7
        assert client.state(second).get(timeout=10)["held"] == 7


PATHS = {"wait": "Shelf.wait: found['first'][0]", "wait_inside": "Shelf.wait_inside: a value in use"}


@pytest.mark.parametrize("name", PATHS)
def test_a_variable_that_cannot_be_kept_is_named_by_its_method(name: str) -> None:
    with LocalRuntime(stateflow.init(Shelf), suspend_everywhere=True) as runtime, runtime.client() as client:
        first, second = (client.create(Shelf, n).get(timeout=10) for n in "ab")
        with pytest.raises(UnstorableValue) as error:
            client.call(first, "call", second, name).get(timeout=10)
    assert error.value.path == PATHS[name]
