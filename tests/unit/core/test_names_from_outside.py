"""Requests reach members of entities and nothing else, whatever names they carry."""

from __future__ import annotations

import threading
from typing import Any

import pytest

import stateflow
from stateflow.core.executor import Executor
from stateflow.errors import UnstorableValue
from stateflow.protocol.messages import Operation, Reply, Request
from stateflow.references import ReferenceTable


@stateflow.entity
class Counter:
    def __init__(self, name: str) -> None:
        self.name, self.count = name, 0

    def __key__(self) -> str:
        return self.name

    def keep(self, value: object) -> None:
        self.kept = value


@pytest.fixture
def executor() -> Executor:
    made = Executor(stateflow.init(Counter))
    execute(made, Operation.CREATE, "", ("c",), key=None)
    return made


def execute(executor: Executor, operation: Operation, name: str, args: tuple[Any, ...] = (), key: object = "c") -> Reply:
    request = Request(request_id="1", time_ns=0, operation=operation, class_name="Counter", key=key, name=name, args=args)
    return executor.execute(request, ReferenceTable(executor.flow.reference_types, executor.store))


@pytest.mark.parametrize("operation", [Operation.GET, Operation.SET, Operation.CALL])
@pytest.mark.parametrize("name", ["__class__", "__dict__", "__init__", "__reduce_ex__", "missing"])
def test_special_and_unknown_names_are_refused(executor: Executor, operation: Operation, name: str) -> None:
    assert isinstance(execute(executor, operation, name, ("x",) if operation is Operation.SET else ()).error, AttributeError)


def test_known_names_are_answered(executor: Executor) -> None:
    assert execute(executor, Operation.GET, "count").value == 0


def test_the_reason_of_an_unstorable_argument_is_told(executor: Executor) -> None:
    error = execute(executor, Operation.CALL, "keep", (threading.Lock(),)).error
    assert isinstance(error, UnstorableValue)
    assert "lock" in str(error)
