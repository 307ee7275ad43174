"""What was renamed is still understood by its former names, as long as nothing else has them."""

from __future__ import annotations

from typing import Any

import pytest

from stateflow.core.request_digests import digest_of, former_digests
from stateflow.dataflow import Dataflow
from stateflow.errors import CompileError
from stateflow.protocol.messages import Operation, Request
from stateflow.protocol.values import ValueCodec
from stateflow.runtime.local import LocalRuntime
from tests.unit.dataflow.versions import flow_of

RENAMED = """
    from dataclasses import dataclass
    from enum import Enum

    @stateflow.renamed("Place")
    @dataclass
    class Address:
        street: str

    @stateflow.renamed("shop_versions:Rank")
    class Level(Enum):
        HIGH = 3

    @stateflow.renamed("TooPoor")
    class NoMoney(Exception):
        pass

    @stateflow.renamed("User", "Client")
    @stateflow.entity
    class Customer:
        def __init__(self, name: str):
            self.name = name
            self.level, self.at, self.calls = Level.HIGH, Address("x"), 0

        def __key__(self) -> str:
            return self.name

        @property
        @stateflow.renamed("heading")
        def title(self) -> str:
            self.calls += 1
            return self.name.upper()

        @stateflow.renamed("say", "tell")
        def greet(self, other: "Customer | None" = None) -> str:
            return f"hello {other}"
"""
FORMER = """
    from dataclasses import dataclass
    from enum import Enum

    @dataclass
    class Place:
        street: str

    class Rank(Enum):
        HIGH = 3

    class TooPoor(Exception):
        pass

    @stateflow.entity
    class User:
        def __init__(self, name: str):
            self.name = name
            self.values = [Place("main street"), Rank.HIGH, TooPoor(3), Place, Rank]

        def __key__(self) -> str:
            return self.name
"""


def request(name: str, class_name: str = "Customer", *args: Any) -> Request:
    return Request(request_id="r", time_ns=1, operation=Operation.CALL, class_name=class_name, key="ann", name=name, args=args)


def test_values_of_renamed_classes_are_read_as_those_of_the_present_ones():
    former = flow_of(FORMER)
    data = ValueCodec(former.values).encode(former.classes[0]("ann").values)
    flow = flow_of(RENAMED)
    names = flow.classes[0].__init__.__globals__
    place, rank, error, *classes = ValueCodec(flow.values).decode(data)
    assert (place, rank, classes) == (names["Address"]("main street"), names["Level"].HIGH, [names["Address"], names["Level"]])
    assert (type(error), error.args) == (names["NoMoney"], (3,))


def test_former_and_renamed_class_can_stand_in_one_module():
    both = FORMER.replace("@stateflow.entity", "") + RENAMED
    flow = flow_of(both)
    names = flow.classes[0].__init__.__globals__
    codec = ValueCodec(flow.values)
    for value in (names["Place"]("x"), names["Address"]("x"), names["Rank"].HIGH, names["Level"].HIGH):
        assert codec.decode(codec.encode(value)) == value
    assert [type(codec.decode(codec.encode(names[n]()))) for n in ("TooPoor", "NoMoney")] == [names["TooPoor"], names["NoMoney"]]


def test_members_are_reached_by_their_former_names():
    flow = flow_of(RENAMED)
    with LocalRuntime(flow) as runtime, runtime.client(bind=False) as client:
        ann = client.create(flow.classes[0], "ann").get(10)
        assert [client.call(ann, name).get(10) for name in ("greet", "say", "tell")] == ["hello None"] * 3
        assert [client.get(ann, name).get(10) for name in ("title", "heading")] == ["ANN"] * 2
        assert client.get(ann, "calls").get(10) == 2
        with pytest.raises(AttributeError):
            client.get(ann, "shout").get(10)


def digests(flow: Dataflow, *of: Request) -> list[bool]:
    """Tell of each request whether it is the same as the first."""
    first = digest_of(of[0], len)
    return [first in former_digests(one, flow) for one in of]


def test_requests_that_differ_by_renamed_names_only_are_the_same():
    flow = flow_of(RENAMED)
    with LocalRuntime(flow) as runtime, runtime.client(bind=False) as client:
        bob = client.ref(flow.classes[0], "bob")
        same = [request(name, cls, bob) for cls in ("User", "Customer", "Client") for name in ("say", "greet", "tell")]
        assert digests(flow, *same) == [True] * 9
        other = [request("title", "User", bob), request("say", "User", client.ref(flow.classes[0], "eve")), request("say", "User", "bob")]
        assert digests(flow, same[0], *other) == [True, False, False, False]


def test_reference_in_a_request_counts_by_any_name_of_its_class():
    former = flow_of(FORMER)
    with LocalRuntime(former) as runtime, runtime.client(bind=False) as client:
        before = request("say", "User", client.ref(former.classes[0], "bob"))
    flow = flow_of(RENAMED)
    with LocalRuntime(flow) as runtime, runtime.client(bind=False) as client:
        after = request("greet", "Customer", client.ref(flow.classes[0], "bob"))
        assert digest_of(before, len) in former_digests(after, flow)
        assert digest_of(before, len) != digest_of(after, len)


def test_request_for_a_class_that_is_not_there_is_no_other_one():
    assert list(former_digests(request("say", "Shop"), flow_of(RENAMED))) == []


def test_former_name_that_two_methods_claim_is_refused():
    twice = RENAMED.replace('renamed("heading")', 'renamed("tell")')
    with pytest.raises(CompileError, match=r"SF116: `Customer.title` and `Customer.greet` were both called `tell` before"):
        flow_of(twice)
    overridden = FORMER + """
        @stateflow.renamed("hi")
        def hello(self): return 1

    @stateflow.entity
    class Guest(User):
        @stateflow.renamed("hi")
        def hello(self): return 2
    """
    flow = flow_of(overridden)
    assert [flow.method_name(cls, "hi") for cls in flow.classes] == ["hello", "hello"]
