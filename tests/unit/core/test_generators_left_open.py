"""A generator that is left where CPython would clean up is refused; one that is closed or run to its end is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import stateflow
from stateflow.errors import GeneratorLeftOpen
from stateflow.runtime.local import LocalRuntime


@stateflow.entity
class Meter:
    def __init__(self, name: str) -> None:
        self.name, self.log = name, [0]

    def __key__(self) -> str:
        return self.name

    def count(self, k: int) -> int:
        return k


@stateflow.entity
class Reader:
    def __init__(self, name: str) -> None:
        self.name, self.log = name, [""]

    def __key__(self) -> str:
        return self.name

    def steps(self, meter: Meter) -> Iterator[int]:
        yield meter.count(0)
        try:
            yield meter.count(1)
            yield meter.count(2)
        finally:
            self.log.append("done")
        yield meter.count(3)

    def guarded(self, meter: Meter) -> Iterator[int]:
        try:
            yield meter.count(0)
        except ValueError:
            self.log.append("never")

    def read(self, meter: Meter, most: int) -> list[str]:
        for step in self.steps(meter):
            if step == most:
                break
        return self.log

    def close(self, meter: Meter) -> list[str]:
        steps: Any = self.steps(meter)
        next(steps), next(steps)
        steps.close()
        return self.log

    def leave(self, meter: Meter) -> int:
        return next(iter(self.guarded(meter)))


@pytest.fixture(params=[False, True], ids=["inline", "suspended"])
def entities(request: pytest.FixtureRequest) -> Iterator[tuple[Any, Any]]:
    flow = stateflow.init(Meter, Reader)
    with LocalRuntime(flow, suspend_everywhere=request.param) as runtime, runtime.client():
        meter: Any = Meter("m")
        reader: Any = Reader("r")
        yield meter.get(), reader.get()


@pytest.mark.parametrize("most", [1, 2])
def test_a_request_that_leaves_a_generator_in_a_finally_is_undone(entities: tuple[Any, Any], most: int) -> None:
    meter, reader = entities
    with pytest.raises(GeneratorLeftOpen):
        reader.read(meter, most).get()
    assert reader.log.get() == [""]


@pytest.mark.parametrize("most", [0, 3, 9])
def test_a_generator_may_be_left_outside_of_the_finally(entities: tuple[Any, Any], most: int) -> None:
    meter, reader = entities
    assert reader.read(meter, most).get() == ([""] if most == 0 else ["", "done"])


def test_a_closed_generator_has_cleaned_up(entities: tuple[Any, Any]) -> None:
    meter, reader = entities
    assert reader.close(meter).get() == ["", "done"]


def test_a_generator_may_be_left_where_nothing_cleans_up(entities: tuple[Any, Any]) -> None:
    meter, reader = entities
    assert reader.leave(meter).get() == 0
