"""What others send makes a place remember a bounded number of things."""

from __future__ import annotations

from typing import Any

import stateflow
from stateflow.core.placement import EntityPlacement
from stateflow.limits import MEMBER_NAMES, NAME_BYTES, REQUEST_ASKERS
from stateflow.protocol.messages import Operation
from stateflow.protocol.steps import Answer, Start, decode_envelope
from stateflow.runtime.simulation import Cluster


@stateflow.entity
class Box:
    def __init__(self, name: str) -> None:
        self.name, self.count = name, 0

    def __key__(self) -> str:
        return self.name

    def fill(self, other: Box) -> int:
        return other.add(1)

    def add(self, count: int) -> int:
        self.count += count
        return self.count


class _Asked(Cluster):
    """Keeps what is sent to those who ask, which are no clients of the cluster."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.told: dict[str, list[Answer]] = {}

    def transmit(self, source: str, target: str, data: bytes) -> None:
        if target.startswith("asker"):
            self.told.setdefault(target, []).extend(decode_envelope(data).messages)  # type: ignore[arg-type]
        else:
            super().transmit(source, target, data)


def test_reply_is_sent_to_so_many_who_ask_for_it_and_one_more_is_told_to_ask_later() -> None:
    cluster = _Asked(stateflow.init(Box), EntityPlacement())
    client = cluster.client()
    first, second = (client.wait(client.create(Box, name)) for name in "ab")
    while cluster.deliver():
        pass
    place = cluster.placement.home(Box, "a")
    future = client.call(first, "fill", second)
    cluster.deliver()
    askers = [f"asker-{number:03}" for number in range(REQUEST_ASKERS + 1)]
    for asker in (*askers, askers[0]):
        cluster.post(asker, place, (Start(future.request_id, 0, Operation.RESULT.value, "", "", b"", asker),))
        cluster._step(cluster.machine(place), cluster.channels[asker, place].popleft())
    assert [(asker, answer.is_error) for asker, told in cluster.told.items() for answer in told] == [(askers[-1], True)]
    refusal = client._values.read(cluster.told[askers[-1]][0]).error
    assert f"SF530: {REQUEST_ASKERS} other clients wait for the reply of request {future.request_id}" in str(refusal)
    while cluster.deliver():
        pass
    assert future.get() == 1
    values = {asker: [client._values.read(answer).value for answer in told] for asker, told in cluster.told.items()}
    assert [values[asker] for asker in askers[:-1]] == [[1]] * REQUEST_ASKERS
    assert len(values[askers[-1]]) == 1


def test_names_that_requests_make_up_are_remembered_up_to_a_number_and_a_length() -> None:
    flow = stateflow.init(Box)
    before = len(flow.members)
    for number in range(before, MEMBER_NAMES):
        assert flow.member_kind(Box, f"x{number}") is None
    assert len(flow.members) == MEMBER_NAMES
    flow.member(Box, "y" * NAME_BYTES)
    assert len(flow.members) == 1
    flow.member(Box, "y" * (NAME_BYTES + 1))
    assert len(flow.members) == 1
    assert flow.member(Box, "add").is_method


def test_proofs_are_remembered_for_what_the_class_has() -> None:
    flow = stateflow.init(Box)
    for number in range(100):
        flow.is_read_only(Box, f"x{number}")
    assert flow.is_read_only(Box, "count")
    assert not flow.is_read_only(Box, "add")
    assert [name for _, name in flow.read_only._known] == ["add"]
