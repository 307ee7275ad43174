"""What a client sends, and what it refuses before it sends anything."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Iterator
from typing import Any, cast

import pytest

from stateflow.client.future import StateflowFuture
from stateflow.errors import ClientClosed, ConfigurationError, InvalidKey
from stateflow.protocol.messages import Operation
from stateflow.runtime.local import LocalClient, LocalRuntime
from tests.unit.client.recording import Flow, Item, Recorder, User


class Setup:
    """A runtime over a recorder, and its client."""

    def __init__(self, bind: bool) -> None:
        self.recorder = Recorder()
        self.flow: Any = Flow(Item, User)
        self.runtime = LocalRuntime(self.flow, executor=self.recorder, seed=7, clock=lambda: 42)
        self.client: LocalClient = self.runtime.client(bind=bind)


@pytest.fixture
def setup() -> Iterator[Setup]:
    setup = Setup(bind=False)
    with setup.runtime:
        yield setup


@pytest.fixture
def bound() -> Iterator[Setup]:
    setup = Setup(bind=True)
    with setup.runtime:
        yield setup


def test_each_form_sends_the_request_that_it_means(setup: Setup) -> None:
    client = setup.client
    ann, tea = client.create(User, "ann").get(), client.ref(Item, "tea")
    futures = [
        client.call(User.buy_item, ann, 2, item=tea),
        client.call(ann, "buy_item", 2, item=tea),
        cast("Any", ann).buy_item(2, item=tea),
        client.get(ann, "balance"),
        cast("Any", ann).balance,
        client.set(ann, "balance", 3),
        client.state(ann),
        client.delete(ann),
    ]
    assert [f.get() for f in futures] == [f"7-1-{n}" for n in range(2, 10)]
    sent = [(r.operation, r.class_name, r.key, r.name, r.args, r.kwargs) for r in setup.recorder.requests]
    call = (Operation.CALL, "User", "ann", "buy_item", (2,), {"item": tea})
    read = (Operation.GET, "User", "ann", "balance", (), {})
    assert sent == [
        (Operation.CREATE, "User", None, "", ("ann",), {}),
        *[call] * 3,
        *[read] * 2,
        (Operation.SET, "User", "ann", "balance", (3,), {}),
        (Operation.STATE, "User", "ann", "", (), {}),
        (Operation.DELETE, "User", "ann", "", (), {}),
    ]
    assert {r.time_ns for r in setup.recorder.requests} == {42}


def test_request_ids_of_a_seed_are_repeatable_and_differ_between_clients(setup: Setup) -> None:
    other = setup.runtime.client(bind=False)
    ids = [client.state(client.ref(User, "a")).request_id for client in (setup.client, other, setup.client)]
    assert ids == ["7-1-1", "7-2-1", "7-1-2"]


def test_request_ids_without_a_seed_are_unique() -> None:
    flow: Any = Flow(User)
    with LocalRuntime(flow, executor=Recorder()) as runtime:
        clients = [runtime.client(bind=False) for _ in range(3)]
        ids = {client.state(client.ref(User, "a")).request_id for client in clients for _ in range(3)}
    assert len(ids) == 9


def test_a_bound_class_creates_and_addresses_entities(bound: Setup) -> None:
    future = cast("StateflowFuture[User]", User("ann"))
    assert isinstance(future, StateflowFuture)
    ann = future.get()
    assert ann is cast("Any", User).by_key("ann")
    assert isinstance(ann, User)
    assert repr(ann) == "User('ann')"


def test_closing_the_client_makes_the_classes_plain_again(bound: Setup) -> None:
    bound.client.close()
    bound.client.close()
    assert Item("tea", 3).price == 3
    with pytest.raises(ClientClosed):
        bound.client.create(Item, "tea")
    with pytest.raises(ConfigurationError, match="bind one first"):
        cast("Any", Item).by_key("tea")


def test_closing_the_runtime_unbinds_its_clients(bound: Setup) -> None:
    bound.runtime.close()
    assert Item("tea", 3).price == 3


def test_leaving_the_with_block_unbinds() -> None:
    setup = Setup(bind=False)
    with setup.runtime, setup.runtime.client():
        assert isinstance(cast("object", User("ann")), StateflowFuture)
    assert type(User("ann")) is User

    async def main() -> None:
        async with Setup(bind=True).client:
            assert await cast("Any", User("ann")) == cast("Any", User).by_key("ann")

    asyncio.run(main())
    assert type(User("ann")) is User


def test_a_second_client_cannot_bind_and_leaves_the_first_one_bound(bound: Setup) -> None:
    with pytest.raises(ConfigurationError, match="bound to a client already"):
        bound.runtime.client()
    assert isinstance(cast("object", User("ann")), StateflowFuture)
    bound.client.close()
    with bound.runtime.client():
        assert isinstance(cast("object", User("ann")), StateflowFuture)


def test_binding_that_fails_half_way_binds_nothing(setup: Setup) -> None:
    only_user: Any = Flow(User)
    with LocalRuntime(only_user, executor=Recorder()) as first, first.client():
        with pytest.raises(ConfigurationError):
            setup.client.bind()
        assert type(Item("tea")) is Item
        assert isinstance(cast("object", User("ann")), StateflowFuture)


def test_an_unknown_attribute_is_refused_with_the_nearest_name(setup: Setup) -> None:
    ann: Any = setup.client.ref(User, "ann")
    with pytest.raises(AttributeError, match=r"^'User' object has no attribute 'buy_itm'. Did you mean: 'buy_item'\?$"):
        _ = ann.buy_itm
    with pytest.raises(AttributeError, match=r"Did you mean: 'balance'\?"):
        _ = ann.blance
    with pytest.raises(AttributeError, match=r"^'User' object has no attribute 'xyz'$"):
        _ = ann.xyz
    with pytest.raises(AttributeError, match="buy_item"):
        setup.client.call(ann, "buy_items")
    assert setup.recorder.requests == []


def test_a_reference_answers_no_dunder_name_so_that_libraries_see_a_plain_object(setup: Setup) -> None:
    ann: Any = setup.client.ref(User, "ann")
    for name in ("__await__", "__fspath__", "__array__", "__key__", "__wrapped__"):
        assert not hasattr(ann, name)
    assert copy.copy(ann) is ann
    assert copy.deepcopy([ann])[0] is ann
    with pytest.raises(ConfigurationError, match="called by syntax"):
        setup.client.call(Item.__len__, setup.client.ref(Item, "tea"))


def test_a_single_underscore_is_callable_as_in_plain_python(setup: Setup) -> None:
    tea: Any = setup.client.ref(Item, "tea")
    assert isinstance(tea._private(), StateflowFuture)


def test_assignment_on_a_reference_names_what_to_use(setup: Setup) -> None:
    ann: Any = setup.client.ref(User, "ann")
    with pytest.raises(ConfigurationError, match=r"client\.set"):
        ann.balance = 3
    with pytest.raises(ConfigurationError, match="call a method"):
        del ann.balance
    assert setup.recorder.requests == []


def test_what_is_no_reference_is_refused_by_name(setup: Setup) -> None:
    with pytest.raises(ConfigurationError, match="is not a reference"):
        setup.client.state(User("ann"))
    with pytest.raises(ConfigurationError, match="wait for it first"):
        setup.client.state(setup.client.create(User, "ann"))
    with pytest.raises(ConfigurationError, match="wait for it first"):
        setup.client.call(setup.client.ref(User, "ann"), "buy_item", 2, setup.client.create(Item, "tea"))
    with pytest.raises(ConfigurationError, match="int is not in this flow"):
        setup.client.create(int, 3)
    with pytest.raises(ConfigurationError, match="is an attribute, not a method"):
        setup.client.call(setup.client.ref(User, "ann"), "balance")
    with pytest.raises(ConfigurationError, match="is not a method"):
        setup.client.call(cast("Any", 3), setup.client.ref(User, "ann"))


def test_a_remote_method_is_a_value(setup: Setup) -> None:
    ann: Any = setup.client.ref(User, "ann")
    buy = ann.buy_item
    assert repr(buy) == "<method buy_item of User('ann')>"
    assert buy == ann.buy_item
    assert len({buy, ann.buy_item}) == 1
    assert buy != cast("Any", setup.client.ref(User, "bob")).buy_item
    assert (buy.__name__, buy.__self__) == ("buy_item", ann)


def test_references_are_interned_and_compare_by_class_and_key(setup: Setup) -> None:
    client, other = setup.client, setup.runtime.client(bind=False)
    assert client.ref(User, "ann") is client.ref(User, "ann")
    assert client.ref(User, "ann") == other.ref(User, "ann")
    assert client.ref(User, "ann") != client.ref(Item, "ann")
    assert len({client.ref(User, "ann"), other.ref(User, "ann"), client.ref(User, "bob")}) == 2


def test_awaiting_a_call_gives_its_value(setup: Setup) -> None:
    async def main() -> object:
        return await setup.client.call(Item.update_stock, setup.client.ref(Item, "tea"), 1)

    assert asyncio.run(main()) == "7-1-1"


@pytest.mark.parametrize("key", [1.5, None, ["ann"], {"ann"}, ("ann", 1.5), object()])
def test_what_cannot_be_a_key_is_refused_where_it_is_written(setup: Setup, key: object) -> None:
    with pytest.raises(InvalidKey):
        setup.client.ref(User, key)


@pytest.mark.parametrize("name", ["__class__", "__dict__", "__key__"])
def test_a_client_neither_reads_nor_assigns_what_is_pythons_own(setup: Setup, name: str) -> None:
    ann = setup.client.ref(User, "ann")
    with pytest.raises(ConfigurationError, match=name):
        setup.client.get(ann, name)
    with pytest.raises(ConfigurationError, match=name):
        setup.client.set(ann, name, Item)
    assert setup.recorder.requests == []


def test_key_of_a_reference_is_told_without_a_request(setup: Setup) -> None:
    assert setup.client.key(setup.client.ref(Item, ("tea", 1))) == ("tea", 1)
    assert setup.recorder.requests == []
    with pytest.raises(ConfigurationError, match="SF540"):
        setup.client.key("tea")
