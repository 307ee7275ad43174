"""Methods that change nothing are proved to, others are not, and the line is named."""

from __future__ import annotations

import linecache

import pytest

import stateflow
from stateflow.dataflow import Dataflow
from tests.unit.compiler import read_only_cases, read_only_special_cases

FLOW = stateflow.init(read_only_cases.Item, read_only_cases.Special, read_only_cases.Shop)
SPECIAL_FLOW = stateflow.init(read_only_special_cases.Counter)
# What a subclass overrides counts for calls on `self` in the base class, too.
CALLS_WHAT_IS_OVERRIDDEN = {"reads_with_star"}


def members(prefix: str) -> list[object]:
    found = [(flow, cls, name) for flow in (FLOW, SPECIAL_FLOW) for cls in flow.classes for name in cls.__dict__ if name.startswith(prefix)]
    return [pytest.param(*case, id=f"{case[1].__name__}.{case[2]}") for case in found if case[2] not in CALLS_WHAT_IS_OVERRIDDEN]


@pytest.mark.parametrize(("flow", "cls", "name"), members("reads_"))
def test_a_method_that_changes_nothing_is_proved_read_only(flow: Dataflow, cls: type, name: str) -> None:
    assert str(flow.read_only.write_of(cls, name)) == "None"


@pytest.mark.parametrize(("flow", "cls", "name"), members("writes_"))
def test_a_method_that_may_change_an_entity_is_not_read_only_and_its_line_is_named(flow: Dataflow, cls: type, name: str) -> None:
    write = flow.read_only.write_of(cls, name)
    assert write is not None
    where = write.cause or write
    assert "# write" in linecache.getline(where.file, where.line), str(write)


def test_an_override_anywhere_counts_for_a_call_on_self() -> None:
    assert not FLOW.is_read_only(read_only_cases.Item, "reads_with_star")


def test_attributes_are_read_only_and_cached_properties_are_not() -> None:
    assert FLOW.is_read_only(read_only_cases.Item, "stock")
    assert FLOW.is_read_only(read_only_cases.Item, "value")
    assert not FLOW.is_read_only(read_only_cases.Item, "once")
    assert not FLOW.is_read_only(read_only_cases.Item, "seen")


@stateflow.entity
class Open:
    def __init__(self) -> None:
        self.__dict__["count"] = 1

    def __key__(self) -> int:
        return 1

    def shown(self) -> int:
        return self.count


@stateflow.entity
class Answering:
    def __key__(self) -> int:
        return 1

    def __getattr__(self, name: str) -> object:
        self.__dict__[name] = len(name)
        return self.__dict__[name]


def test_an_attribute_is_read_only_beside_code_that_computes_names_unless_a_method_of_the_class_answers_for_it() -> None:
    flow = stateflow.init(Open, Answering)
    assert flow.is_read_only(Open, "count")
    assert not flow.is_read_only(Open, "shown")
    assert not flow.is_read_only(Answering, "count")
