"""The queue at an entity: who is next, and who must die."""

from __future__ import annotations

import itertools

import pytest

from stateflow.core.locks import Queues
from stateflow.core.records import Changes
from stateflow.core.saved import Waiter
from stateflow.protocol.steps import Header, Restart


def _header(age: int, *, reads: bool = False) -> Header:
    return Header(f"t{age}", 0, age, 1, "root", "client", reads)


def _waiter(age: int, *, holds: bool, reads: bool = False) -> Waiter:
    return Waiter(_header(age, reads=reads), Restart(f"t{age}", 1), holds)


def _names(waiters: list[Waiter]) -> list[str]:
    return [waiter.header.request_id for waiter in waiters]


def _queues(*waiters: Waiter) -> Queues:
    queues = Queues(Changes({}), {})
    for waiter in waiters:
        queues.add("e", waiter)
    return queues


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_those_that_hold_come_first_the_youngest_of_them_then_the_oldest_of_the_others(order: tuple[int, ...]) -> None:
    waiters = [_waiter(3, holds=True), _waiter(5, holds=True, reads=True), _waiter(1, holds=False), _waiter(2, holds=False, reads=True)]
    queues = _queues(*(waiters[number] for number in order))
    taken = [queues.next("e") for _ in range(5)]
    assert [waiter and waiter.header.request_id for waiter in taken] == ["t5", "t3", "t1", "t2", None]


def test_while_readers_are_there_the_next_reader_follows_and_a_writer_does_not() -> None:
    queues = _queues(_waiter(5, holds=True, reads=True), _waiter(3, holds=True), _waiter(1, holds=False, reads=True))
    first = queues.next("e", may_write=False)
    assert first is not None
    assert first.header.request_id == "t5"
    assert queues.next("e", may_write=False) is None
    assert len(queues) == 2, "the reader behind the writer does not pass it"


def test_who_holds_and_is_younger_than_a_new_holder_dies() -> None:
    queues = _queues(_waiter(2, holds=True), _waiter(6, holds=True), _waiter(7, holds=True, reads=True), _waiter(9, holds=False))
    assert _names(queues.take_younger("e", [_header(4)], [])) == ["t6", "t7"]
    assert _names(list(queues.waiting("e"))) == ["t2", "t9"]


def test_readers_let_only_younger_writers_die() -> None:
    queues = _queues(_waiter(6, holds=True), _waiter(7, holds=True, reads=True), _waiter(1, holds=True))
    assert _names(queues.take_younger("e", [], [_header(4, reads=True), _header(5, reads=True)])) == ["t6"]


def test_a_queue_that_was_emptied_is_gone() -> None:
    queues = _queues(_waiter(1, holds=False))
    assert queues.has("e")
    assert queues.next("e") is not None
    assert not queues.has("e")
    assert list(queues.waiting("e")) == []
