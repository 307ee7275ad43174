from __future__ import annotations

import random
from pathlib import Path

import pytest

from stateflow.bench.engines import EngineName, open_engine
from stateflow.bench.keys import Distribution
from stateflow.bench.load import Load
from stateflow.bench.results import Result, machine
from stateflow.bench.run import Measured, Session
from stateflow.bench.workload import Size, Workload
from stateflow.bench.workloads import WORKLOADS
from stateflow.bench.workloads.hotel import Hotel, HotelUser
from stateflow.bench.workloads.records import Record, Transfers
from stateflow.bench.workloads.shop import Item

SHORT = Load(clients=8, warm_up_s=0.05, seconds=0.3)
SIZE = Size(entities=60, keys=Distribution.ZIPF, warehouses=2, scale=0.001)


def make(name: str) -> Workload:
    return WORKLOADS[name](SIZE)


@pytest.mark.parametrize("engine", [EngineName.LOCAL, EngineName.LOCAL_MEMORY])
@pytest.mark.parametrize("name", list(WORKLOADS))
def test_workload_verifies_when_nothing_went_wrong(name: str, engine: EngineName, tmp_path: Path) -> None:
    workload = make(name)
    with open_engine(engine, name, workload, tmp_path / "bench.db") as opened:
        session = Session(name, workload, opened)
        session.fill()
        measured = session.measure(SHORT)
        conditions = session.verify()
    assert [fault for condition in conditions for fault in condition.faults] == []
    assert all(condition.checked for condition in conditions)
    assert measured.recorder.errors == {}
    assert measured.recorder.replies > 0


def test_kinds_of_requests_have_their_shares(tmp_path: Path) -> None:
    workload = make("m")
    with open_engine(EngineName.LOCAL_MEMORY, "m", workload, tmp_path / "bench.db") as opened:
        requests = workload.requests(opened.client, random.Random(1))
        kinds = [next(requests).kind for _ in range(4_000)]
    # Five standard deviations of 4,000 draws.
    assert abs(kinds.count("read") - 1_800) < 160
    assert abs(kinds.count("update") - 1_800) < 160
    assert abs(kinds.count("transfer") - 400) < 95


def test_lost_update_is_found_and_gives_no_numbers(tmp_path: Path) -> None:
    workload = make("a")
    with open_engine(EngineName.LOCAL, "a", workload, tmp_path / "bench.db") as opened:
        session = Session("a", workload, opened)
        session.fill()
        measured = session.measure(SHORT)
        (_, key), count = max(session.tally.acknowledged.items(), key=lambda item: item[1])
        opened.client.set(opened.client.ref(Record, key), "updates", count - 1).get(10)
        result = _result(session, measured)
    assert not result.verified
    assert result.numbers is None
    assert result.conditions[0].faults == [f"updates of {key}: {count - 1}, and {count} acknowledged"]


def test_request_that_took_effect_twice_is_found(tmp_path: Path) -> None:
    workload = make("t")
    with open_engine(EngineName.LOCAL_MEMORY, "t", workload, tmp_path / "bench.db") as opened:
        session = Session("t", workload, opened)
        session.fill()
        measured = session.measure(SHORT)
        one, other = (opened.client.ref(Record, f"record-{number:08}") for number in (3, 4))
        assert opened.client.call(Record.transfer, one, other, 1).get(10)
        result = _result(session, measured)
    assert not result.verified
    # Money is where it was: only who compares with what was acknowledged sees it.
    assert [bool(condition.faults) for condition in result.conditions] == [True, False, False]


def test_coins_from_nowhere_are_found(tmp_path: Path) -> None:
    workload = Transfers(SIZE)
    with open_engine(EngineName.LOCAL_MEMORY, "t", workload, tmp_path / "bench.db") as opened:
        session = Session("t", workload, opened)
        session.fill()
        opened.client.set(opened.client.ref(Record, "record-00000007"), "coins", 1_000_001).get(10)
        faults = [condition.faults for condition in session.verify()]
    assert faults == [[], ["record-00000007 has 1000001 coins"], ["60000001 coins instead of 60000000"]]


@pytest.mark.parametrize(
    ("name", "cls", "key", "attribute"),
    [("shop", Item, "item-00000001", "stock"), ("hotel", Hotel, 2, "nights"), ("hotel", HotelUser, "user-000003", "reservations")],
)
def test_state_that_no_request_made_is_found(name: str, cls: type, key: object, attribute: str, tmp_path: Path) -> None:
    workload = make(name)
    with open_engine(EngineName.LOCAL_MEMORY, name, workload, tmp_path / "bench.db") as opened:
        session = Session(name, workload, opened)
        session.fill()
        ref = opened.client.ref(cls, key)
        before = opened.client.get(ref, attribute).get(10)
        assert not any(condition.faults for condition in session.verify())
        opened.client.set(ref, attribute, before + 1).get(10)
        assert any(condition.faults for condition in session.verify())


def _result(session: Session, measured: Measured) -> Result:
    return session.result("local", measured, session.verify(), machine())
