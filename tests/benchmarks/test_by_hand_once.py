"""The job by hand that StateFlow's is compared with does what it says: each request changes state once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

pytest.importorskip("pyflink", reason="the job needs stateflow[flink]")

from benchmarks.flink import by_hand_once

if TYPE_CHECKING:
    from collections.abc import ItemsView

pytestmark = pytest.mark.xdist_group("flink")


class State:
    """Flink's state of one place."""

    def __init__(self) -> None:
        self.kept: dict[Any, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def items(self) -> ItemsView[Any, bytes]:
        return self.kept.items()

    def put(self, key: int, data: bytes) -> None:
        self.kept[key] = data

    def put_all(self, entries: dict[str, bytes]) -> None:
        self.kept.update(entries)

    def remove(self, key: int) -> None:
        del self.kept[key]


class Context:
    """What Flink keeps for the part of a job."""

    def __init__(self) -> None:
        self.states = {"counts": State(), "replies": State()}

    def get_map_state(self, described: Any) -> State:
        return self.states[described.name]


def opened(context: Context) -> by_hand_once.Counting:
    job = by_hand_once.Counting()
    job.open(context)
    return job


def answers(job: by_hand_once.Counting, *requests: tuple[str, str]) -> list[list[Any]]:
    (row,) = job.process_element(msgspec.msgpack.encode((1, requests)), None)
    found: list[list[Any]] = msgspec.msgpack.decode(row[1])
    return found


def test_requests_of_one_record_count_one_after_the_other() -> None:
    job = opened(Context())
    assert answers(job, ("r1", "a"), ("r2", "b"), ("r3", "a")) == [["r1", 1], ["r2", 1], ["r3", 2]]
    assert answers(job, ("r4", "a")) == [["r4", 3]]


@pytest.mark.parametrize("is_restarted", [False, True])
def test_repeat_gets_the_same_reply_and_counts_nothing(is_restarted: bool) -> None:
    context = Context()
    job = opened(context)
    answers(job, ("r1", "a"), ("r2", "a"))
    answers(job, ("r3", "a"))
    job = opened(context) if is_restarted else job
    assert answers(job, ("r2", "a"), ("r4", "a"), ("r4", "a"), ("r1", "a")) == [["r2", 2], ["r4", 4], ["r4", 4], ["r1", 1]]
    assert answers(job, ("r1", "a"), ("r3", "a")) == [["r1", 1], ["r3", 3]]
    assert answers(job, ("r5", "a")) == [["r5", 5]]


@pytest.mark.parametrize("is_restarted", [False, True])
def test_oldest_replies_are_forgotten_when_they_are_too_many(monkeypatch: pytest.MonkeyPatch, is_restarted: bool) -> None:
    monkeypatch.setattr(by_hand_once, "LEDGER_REQUESTS", 3)
    context = Context()
    job = opened(context)
    answers(job, ("r1", "a"), ("r2", "a"))
    answers(job, ("r3", "a"))
    job = opened(context) if is_restarted else job
    answers(job, ("r4", "a"))
    assert answers(job, ("r3", "a"), ("r4", "a")) == [["r3", 3], ["r4", 4]]
    assert answers(job, ("r1", "a")) == [["r1", 5]]
    assert sorted(context.states["replies"].kept) == [2, 3, 4]
