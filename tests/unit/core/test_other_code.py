"""What other code has written is understood by its former name, or refused: never taken for something else."""

from __future__ import annotations

import pytest

from stateflow.core.executor import Executor
from stateflow.core.frame import Frame
from stateflow.errors import FrameOfOtherCode, MalformedBytes
from stateflow.protocol.messages import Operation, Request
from stateflow.references import ReferenceTable
from tests.unit.dataflow.versions import flow_of

SHOP = """
    {above}
    @stateflow.entity
    class {name}:
        def __init__(self, name: str):
            self.name = name

        def __key__(self) -> str:
            return self.name

        {mark}
        def {method}(self, other: "{name}") -> str:
            return {result} + other.name

        def callbacks(self):
            {extra}
            keep = lambda x: x + 1
            return keep
"""
USUAL = {"above": "", "name": "User", "mark": "", "method": "greet", "result": "'hello '", "extra": "pass"}


def executor(**changed: str) -> Executor:
    return Executor(flow_of(SHOP.format(**{**USUAL, **changed})))


def run(executor: Executor, operation: Operation, class_name: str, name: str, *args: object) -> object:
    request = Request(request_id="1", time_ns=0, operation=operation, class_name=class_name, key="ann", name=name, args=args)
    reply = executor.execute(request, ReferenceTable(executor.flow.reference_types, executor.store))
    if reply.error is not None:
        raise reply.error
    return reply.value


RENAMED = {"above": '@stateflow.renamed("User")', "name": "Customer", "mark": '@stateflow.renamed("greet")', "method": "welcome"}


def test_requests_by_former_names_reach_the_class_and_the_method():
    made = executor(**RENAMED)
    run(made, Operation.CREATE, "User", "", "ann")
    ann = made.store.references.get(made.flow.by_name["User"], "ann")
    assert run(made, Operation.CALL, "User", "greet", ann) == "hello ann"


def frame_bytes(made: Executor, name: str = "shop_versions:User.greet") -> bytes:
    code = made.flow.codes_by_name[name]
    code.prepare()
    pc, live = next(iter(sorted(code.live.items())))
    return made.codec.codec.encode(Frame(code, pc, tuple([None] * len(live))))


def test_a_frame_of_the_same_code_goes_on_wherever_it_stands_in_its_file():
    data = frame_bytes(executor())
    moved = executor(extra="first = 1\n            return first")
    assert moved.codec.codec.decode(data).code.name == "shop_versions:User.greet"  # type: ignore[attr-defined]


def test_a_frame_of_other_code_is_refused():
    data = frame_bytes(executor())
    with pytest.raises(FrameOfOtherCode, match=r"SF573: shop_versions:User.greet was suspended by other code"):
        executor(result="'bye ' + self.name").codec.codec.decode(data)


def test_a_frame_of_a_renamed_method_goes_on():
    data = frame_bytes(executor())
    renamed = executor(mark='@stateflow.renamed("greet")', method="welcome")
    assert renamed.codec.codec.decode(data).code.name == "shop_versions:User.welcome"  # type: ignore[attr-defined]


def callback_bytes(made: Executor) -> bytes:
    cls = made.flow.classes[0]
    return made.codec.codec.encode(cls.callbacks(object.__new__(cls)))


def test_a_stored_lambda_stays_the_one_that_it_was():
    data = callback_bytes(executor())
    again = executor(extra="first = lambda x: x - 1").codec.codec.decode(data)
    assert again(1) == 2  # type: ignore[operator]


def test_a_stored_lambda_that_was_changed_is_refused():
    data = callback_bytes(Executor(flow_of(SHOP.format(**USUAL).replace("x + 1", "x + 2"))))
    with pytest.raises(MalformedBytes, match="is no function, class or constant of this flow"):
        executor().codec.codec.decode(data)


def test_values_that_name_a_renamed_class_are_read():
    before, after = executor(), executor(**RENAMED)
    old, new = before.flow.classes[0], after.flow.classes[0]
    data = before.codec.codec.encode([old, before.store.references.get(old, "ann"), old.greet])
    assert after.codec.codec.decode(data) == [new, after.store.references.get(new, "ann"), new.welcome]
