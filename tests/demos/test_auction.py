"""The auction keeps every coin, whoever bids at once, and sells when the time is over."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

import stateflow
from stateflow.testing import Clock

pytest.importorskip("fastapi")
import httpx

from stateflow.runtime.local import LocalRuntime
from tests.demos.serving import at_once, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

BIDS = 40


@pytest.fixture
def entities(load: Callable[[str], ModuleType]) -> ModuleType:
    return load("auction.entities")


@pytest.fixture
def http(load: Callable[[str], ModuleType]) -> Iterator[httpx.Client]:
    with served(load("auction.app").make_app()) as url, httpx.Client(base_url=url, timeout=30) as http:
        yield http


def enter(http: httpx.Client, *names: str) -> None:
    for name in names:
        assert http.post("/auction/bidders", json={"name": name}).json()["money"] == 500


def offer(http: httpx.Client, seller: str, price: int = 10, seconds: int = 600) -> str:
    answer = http.post("/auction/lots", json={"title": "Lamp", "seller": seller, "price": price, "seconds": seconds})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


def bid(http: httpx.Client, lot: str, bidder: str, amount: int, **headers: str) -> httpx.Response:
    return http.post(f"/stateflow/Lot/{lot}/bid", json={"bidder": bidder, "amount": amount}, headers=headers)


def purses(http: httpx.Client) -> dict[str, int]:
    return {bidder["name"]: bidder["money"] for bidder in http.get("/auction").json()["bidders"]}


def test_outbid_bidder_has_the_money_back(http: httpx.Client) -> None:
    enter(http, "ann", "bob", "eve")
    lot = offer(http, "ann")
    assert (bid(http, lot, "bob", 100).json(), bid(http, lot, "eve", 200).json()) == (105, 210)
    assert purses(http) == {"ann": 500, "bob": 500, "eve": 300}


@pytest.mark.parametrize(
    ("bidder", "amount", "refusal"), [("bob", 104, "TooLow"), ("bob", 501, "NotEnoughMoney"), ("ann", 300, "OwnLot"), ("bob", -5, "TooLow")]
)
def test_refused_bid_leaves_the_leader_and_each_purse_as_they_were(http: httpx.Client, bidder: str, amount: int, refusal: str) -> None:
    enter(http, "ann", "bob", "eve")
    lot = offer(http, "ann")
    bid(http, lot, "eve", 100)
    before = http.get("/auction").json()
    answer = bid(http, lot, bidder, amount)
    after = http.get("/auction").json()
    assert (answer.status_code, answer.json()["exception"]) == (409, refusal)
    assert [before["lots"][0][name] for name in ("leader", "held")] == [after["lots"][0][name] for name in ("leader", "held")]
    assert (before["bidders"], before["money"]) == (after["bidders"], after["money"])


def test_bid_that_is_sent_again_is_made_once(http: httpx.Client) -> None:
    enter(http, "ann", "bob")
    lot = offer(http, "ann")
    headers = {"Idempotency-Key": "first-bid"}
    assert [bid(http, lot, "bob", 100, **headers).json() for _ in range(3)] == [105] * 3
    assert http.get("/auction").json()["lots"][0]["bids"] == 1
    assert purses(http) == {"ann": 500, "bob": 400}


def test_money_is_constant_at_each_moment_while_two_bidders_bid_for_two_lots_at_once(http: httpx.Client) -> None:
    enter(http, "ann", "bob", "eve")
    lots = [offer(http, "ann", price=1) for _ in range(2)]
    done, taken = threading.Event(), {"bob": 0, "eve": 0}

    def bid_on(name: str) -> None:
        for number in range(BIDS):
            lot = lots[number % 2]
            least = next(shown["next_bid"] for shown in http.get("/auction").json()["lots"] if shown["number"] == lot)
            answer = bid(http, lot, name, least)
            assert answer.status_code in (200, 409), answer.text
            taken[name] += answer.status_code == 200
        done.set()

    seen: list[int] = []

    def watch() -> None:
        while not done.is_set():
            seen.append(http.get("/auction").json()["money"])

    at_once(lambda: bid_on("bob"), lambda: bid_on("eve"), watch)
    view = http.get("/auction").json()
    assert set(seen) == {1500}
    assert len(seen) > 1
    assert sum(lot["bids"] for lot in view["lots"]) == sum(taken.values()) > 0
    for name in taken:
        held = sum(lot["held"] for lot in view["lots"] if lot["leader"] == name)
        assert purses(http)[name] + held == 500


def test_lot_of_nobody_is_not_offered(http: httpx.Client) -> None:
    answer = http.post("/auction/lots", json={"title": "Lamp", "seller": "nobody", "price": 1})
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:stateflow:SF501")
    assert http.get("/auction").json()["lots"] == []


def test_page_and_its_parts_come_from_the_server_itself(http: httpx.Client) -> None:
    page = http.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "http:" not in page.text
    assert "https:" not in page.text


def test_known_bidder_keeps_the_purse(http: httpx.Client) -> None:
    enter(http, "ann", "bob")
    bid(http, offer(http, "ann"), "bob", 100)
    assert http.post("/auction/bidders", json={"name": "bob"}).json()["money"] == 400


@pytest.fixture(params=[False, True], ids=["inline", "suspended"])
def world(request: pytest.FixtureRequest, entities: ModuleType) -> Iterator[tuple[Any, Clock]]:
    clock = Clock()
    flow = stateflow.init(entities.Bidder, entities.Lot)
    with LocalRuntime(flow, clock=clock, suspend_everywhere=request.param) as runtime, runtime.client() as client:
        yield client, clock


def test_lot_is_sold_once_to_the_leader_when_the_time_is_over(world: tuple[Any, Clock], entities: ModuleType) -> None:
    client, clock = world
    ann, bob = (client.create(entities.Bidder, name, 500).get() for name in ("ann", "bob"))
    lot = client.create(entities.Lot, "lamp", "Lamp", ann, 10, 60).get()
    clock.advance(59)
    lot.bid(bob, 70).get()
    with pytest.raises(entities.LotOpen):
        lot.settle().get()
    clock.advance(1)
    with pytest.raises(entities.LotClosed):
        lot.bid(bob, 90).get()
    assert [lot.settle().get() for _ in range(3)] == ["bob"] * 3
    assert (ann.money.get(), bob.money.get(), lot.held.get(), lot.sold_for.get(), bob.won.get()) == (570, 430, 0, 70, ["Lamp"])


def test_lot_that_nobody_wanted_goes_to_nobody(world: tuple[Any, Clock], entities: ModuleType) -> None:
    client, clock = world
    ann = client.create(entities.Bidder, "ann", 5).get()
    lot = client.create(entities.Lot, "lamp", "Lamp", ann, 10, 60).get()
    clock.advance(60)
    assert (lot.settle().get(), ann.money.get(), lot.is_settled.get()) == (None, 5, True)
