from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from stateflow.bench.engines import Engine, EngineName, open_engine
from stateflow.bench.load import Load
from stateflow.bench.run import Session
from stateflow.bench.workload import Ask, Size
from stateflow.bench.workloads.tpcc.draws import LOAD_CONSTANT, RUN_CONSTANT, last_name, non_uniform, remark
from stateflow.bench.workloads.tpcc.entities import Customer, District, Item, Namesakes, Order, Payment, Stock, Warehouse
from stateflow.bench.workloads.tpcc.filling import last_name_of
from stateflow.bench.workloads.tpcc.requests import requests
from stateflow.bench.workloads.tpcc.size import Cardinality
from stateflow.bench.workloads.tpcc.workload import Tpcc
from stateflow.errors import EntityNotFound
from stateflow.references import ReferenceTable

SMALL = Size(warehouses=2, scale=0.001)


@pytest.fixture(scope="module")
def filled() -> Iterator[tuple[Session, Engine]]:
    workload = Tpcc(SMALL)
    with open_engine(EngineName.LOCAL_MEMORY, "tpcc", workload, Path("unused")) as engine:
        session = Session("tpcc", workload, engine)
        session.fill()
        session.measure(Load(clients=4, warm_up_s=0, seconds=0.3))
        yield session, engine


def drawn(count: int, warehouses: int = 10) -> list[Ask]:
    engine_of = open_engine(EngineName.LOCAL_MEMORY, "tpcc", Tpcc(SMALL), Path("unused"))
    with engine_of as engine:
        assert isinstance(engine.client.references, ReferenceTable)
        source = requests(engine.client, Cardinality.of(warehouses, 1.0), random.Random(1))
        return [next(source) for _ in range(count)]


def test_cardinalities_are_those_of_the_standard() -> None:
    size = Cardinality.of(1, 1.0)
    assert (size.customers, size.items, size.delivered, size.names) == (3_000, 100_000, 2_100, 1_000)
    assert size.entities == 1 + 200_000 + 10 * (1 + 3 * 3_000 + 1_000)
    assert Cardinality.of(10, 1.0).entities == 10 * (1 + 200_000 + 10 * (1 + 3 * 3_000 + 1_000))


def test_as_many_entities_are_created_as_are_stated(filled: tuple[Session, Engine]) -> None:
    session, engine = filled
    kinds = Counter(ask.method for ask in session.workload.creations(engine.client))
    assert kinds == {
        Item: 200, Stock: 200, Warehouse: 2, District: 20, Customer: 400, Payment: 400, Order: 400, Namesakes: 400,
    }  # fmt: skip
    assert sum(kinds.values()) == session.workload.entity_count


def test_orders_and_payments_have_the_shares_of_the_standard() -> None:
    asks = drawn(20_000)
    orders = [ask for ask in asks if ask.kind == "new order"]
    payments = [ask for ask in asks if ask.kind == "payment"]
    wishes = [(ask, wish) for ask in orders for wish in ask.args[1]]
    remote = [wish for ask, wish in wishes if wish.supplier != ask.target._sf_key[0]]
    away = [ask for ask in payments if ask.args[0]._sf_key[0] != ask.target._sf_key[0]]
    assert len(orders) / len(asks) == pytest.approx(45 / 88, abs=0.015)
    assert len(wishes) / len(orders) == pytest.approx(10, abs=0.15)
    assert len(remote) / len(wishes) == pytest.approx(0.01, abs=0.002)
    assert sum(ask.abort is EntityNotFound for ask in orders) / len(orders) == pytest.approx(0.01, abs=0.005)
    assert len(away) / len(payments) == pytest.approx(0.15, abs=0.02)
    assert sum(ask.method is District.payment_by_name for ask in payments) / len(payments) == pytest.approx(0.6, abs=0.025)


def test_one_warehouse_has_nothing_remote() -> None:
    asks = drawn(500, warehouses=1)
    assert all(wish.supplier == 1 for ask in asks if ask.kind == "new order" for wish in ask.args[1])
    assert all(ask.args[0]._sf_key[0] == 1 for ask in asks if ask.kind == "payment")


@pytest.mark.parametrize(("bits", "least", "most"), [(255, 0, 7), (7, 1, 20)])
def test_non_uniform_numbers_have_the_exact_distribution(bits: int, least: int, most: int) -> None:
    exact: Counter[int] = Counter()
    for a in range(bits + 1):
        for b in range(least, most + 1):
            exact[((a | b) + 5) % (most - least + 1) + least] += 1
    draw, draws = random.Random(1), 100_000
    found = Counter(non_uniform(draw, bits, least, most, 5) for _ in range(draws))
    expected = {number: draws * count / exact.total() for number, count in exact.items()}
    assert found.keys() <= expected.keys()
    # At most 19 degrees of freedom: one of 10,000 right generators is above.
    assert sum((found[number] - count) ** 2 / count for number, count in expected.items()) < 52


def test_constants_of_last_names_differ_as_the_standard_demands() -> None:
    apart = abs(RUN_CONSTANT - LOAD_CONSTANT)
    assert 65 <= apart <= 119
    assert apart not in (96, 112)


def test_last_names_are_made_of_three_syllables() -> None:
    assert [last_name(number) for number in (0, 371, 999)] == ["BARBARBAR", "PRICALLYOUGHT", "EINGEINGEING"]
    size = Cardinality.of(1, 1.0)
    assert len({last_name_of(number, size, random.Random(1)) for number in range(1, 1_001)}) == 1_000


def test_one_remark_in_ten_is_an_original() -> None:
    draw = random.Random(1)
    remarks = [remark(draw) for _ in range(5_000)]
    assert sum("ORIGINAL" in text for text in remarks) / 5_000 == pytest.approx(0.1, abs=0.015)
    assert all(26 <= len(text) <= 50 for text in remarks)


def test_customer_by_last_name_is_the_middle_one_rounded_up(filled: tuple[Session, Engine]) -> None:
    _, engine = filled
    client = engine.client
    three = [client.ref(Customer, (1, 1, number)) for number in (1, 2, 3)]
    for count, expected in ((1, 1), (2, 1), (3, 2)):
        namesakes = client.create(Namesakes, (1, 1, f"NOBODY{count}"), three[:count]).get(10)
        assert client.call(Namesakes.middle, namesakes).get(10) == three[expected - 1]


def test_unused_item_undoes_the_whole_order(filled: tuple[Session, Engine]) -> None:
    session, engine = filled
    asks = (ask for ask in session.workload.requests(engine.client, random.Random(7)) if ask.abort is EntityNotFound)
    undone = next(asks)
    wish = undone.args[1][0]
    stock = engine.client.ref(Stock, (wish.supplier, wish.item))
    before = [engine.client.state(ref).get(10) for ref in (undone.target, stock)]
    with pytest.raises(EntityNotFound):
        engine.client.call(undone.method, undone.target, *undone.args).get(10)
    assert [engine.client.state(ref).get(10) for ref in (undone.target, stock)] == before


@pytest.mark.parametrize(
    ("condition", "cls", "key", "attribute", "change"),
    [
        ("1:", Warehouse, 1, "paid", 1),
        ("2:", District, (1, 3), "next_order", 1),
        ("3:", Order, (1, 3, 16), "is_new", None),
        ("4:", Order, (1, 3, 5), "line_count", 1),
        ("each acknowledged", District, (2, 2), "next_order", 1),
        ("customers paid", Customer, (2, 2, 2), "payment_count", 1),
        ("stock was taken", Stock, (1, 9), "order_count", -1),
    ],
)
def test_each_condition_finds_its_violation(
    filled: tuple[Session, Engine], condition: str, cls: type, key: object, attribute: str, change: int | None
) -> None:
    session, engine = filled
    ref = engine.client.ref(cls, key)
    before = engine.client.get(ref, attribute).get(10)
    assert [found.name for found in session.verify() if found.faults] == []
    engine.client.set(ref, attribute, not before if change is None else before + change).get(10)
    try:
        found = [found for found in session.verify() if found.name.startswith(condition)]
        assert [bool(each.faults) for each in found] == [True]
    finally:
        engine.client.set(ref, attribute, before).get(10)
