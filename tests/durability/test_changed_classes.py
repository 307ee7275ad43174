"""A file that other code wrote is taken over as the code says, or refused with the reason; nothing in it is harmed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stateflow.errors import (
    DatabaseRefused,
    EntityNotFound,
    FrameOfOtherCode,
    IncompatibleSchema,
    MalformedBytes,
    NewerSchema,
    RequestIdReused,
    UpgradeFailed,
)
from stateflow.protocol.keys import encode_key
from tests.durability.ledgers import call
from tests.durability.versions import Shop, rows, versions

FIRST = """
    @stateflow.entity
    class User:
        def __init__(self, name: str, balance: int = 0):
            self.name, self.balance, self.notes = name, balance, ["first"]
            self.friend = self

        def __key__(self) -> str:
            return self.name

        def befriend(self, friend: "User") -> "User":
            self.friend = friend
            return self.friend

        def pay(self, amount: int) -> int:
            self.balance -= amount
            return self.balance

        def look(self) -> int:
            return self.balance
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    with Shop.open(FIRST, path) as shop:
        shop.create("User", "ann", 10)
        shop.create("User", "bob", 20)
        shop.call("User", "ann", "befriend", shop.ref("User", "bob"))
    return path


def refuse(error: type[Exception], match: str, source: str, path: Path) -> None:
    """See that code is refused, and that the file stays as it is."""
    before = rows(path)
    with pytest.raises(error, match=match), Shop.open(source, path):
        pass
    assert rows(path) == before


WITH_LEVEL = FIRST.replace("self.friend = self\n", "self.friend = self\n            self.level: int = 1\n            self.tags = {}\n")


def test_new_field_has_the_value_that_init_gives_and_is_written_with_the_first_change_only(path):
    before = rows(path)
    with Shop.open(WITH_LEVEL, path) as shop:
        assert shop.state("User", "ann") == {
            "name": "ann", "balance": 10, "notes": ["first"], "friend": shop.ref("User", "bob"), "level": 1, "tags": {},
        }  # fmt: skip
        assert shop.call("User", "bob", "look") == 20
    assert rows(path) == before
    assert versions(path) == 1
    with Shop.open(WITH_LEVEL, path) as shop:
        assert shop.call("User", "ann", "pay", 1) == 9
    after = rows(path)
    assert after[encode_key("bob")] == before[encode_key("bob")]
    assert (after[encode_key("ann")][0], versions(path)) == (2, 2)
    with Shop.open(WITH_LEVEL, path) as shop:
        assert [shop.state("User", name)["level"] for name in ("ann", "bob")] == [1, 1]
        assert shop.state("User", "bob")["friend"] == shop.ref("User", "bob")


def test_entity_that_holds_itself_still_does_after_the_upgrade(path):
    knows = WITH_LEVEL + "\n        def is_own_friend(self): return self.friend is self\n"
    with Shop.open(knows, path) as shop:
        assert [shop.call("User", name, "is_own_friend") for name in ("ann", "bob")] == [False, True]


def test_removed_field_is_gone(path):
    without = FIRST.replace(', self.notes = name, balance, ["first"]', " = name, balance")
    with Shop.open(without, path) as shop:
        assert "notes" not in shop.state("User", "ann")


def test_older_code_is_refused_once_newer_code_has_written_and_harms_nothing(path):
    with Shop.open(WITH_LEVEL, path):
        pass
    with Shop.open(FIRST, path) as shop:
        shop.call("User", "bob", "pay", 1)
    with Shop.open(WITH_LEVEL, path) as shop:
        shop.call("User", "ann", "pay", 1)
    before = rows(path)
    refuse(NewerSchema, r"SF572: a newer version of User has written here \(it has level, tags\)", FIRST, path)
    assert rows(path) == before
    with Shop.open(WITH_LEVEL, path) as shop:
        assert [shop.call("User", name, "look") for name in ("ann", "bob")] == [9, 19]


def test_older_code_that_must_go_on_takes_newer_states_over(path):
    with Shop.open(WITH_LEVEL, path) as shop:
        shop.call("User", "ann", "pay", 1)
    with Shop.open(FIRST, path, allow_newer=True) as shop:
        assert shop.call("User", "ann", "pay", 1) == 8
        assert "level" not in shop.state("User", "ann")
    with Shop.open(WITH_LEVEL, path, allow_newer=True) as shop:
        assert shop.state("User", "ann")["level"] == 1


NEEDS_EMAIL = FIRST.replace("balance: int = 0):", "balance: int, email: str):\n            self.email = email")
ASKS_STATE = (
    NEEDS_EMAIL
    + """
        def give(self, other: "User") -> str:
            self.balance -= 1
            try:
                other.pay(-1)
            except Exception:
                return "caught"
            return "given"

        def __upgrade__(self, state):
            if state["balance"] > 15:
                raise LookupError("too rich")
            self.email = state["name"] + "@example.org"
"""
)


def test_file_whose_entities_lack_what_nobody_can_tell_is_refused_at_opening(path):
    before = rows(path)
    refuse(IncompatibleSchema, r"SF570: stored entities of User lack email", NEEDS_EMAIL, path)
    assert rows(path) == before


def test_upgrade_that_raises_names_entity_and_version_and_damages_nothing(path):
    before = rows(path)
    with Shop.open(ASKS_STATE, path) as shop:
        for _ in range(2):
            text = r"User\('bob'\), written by version [0-9a-f]{8} of User, .*LookupError: too rich"
            with pytest.raises(UpgradeFailed, match=text) as raised:
                shop.call("User", "bob", "look")
            assert isinstance(raised.value.__cause__, LookupError)
            with pytest.raises(UpgradeFailed, match="bob"):
                shop.call("User", "ann", "give", shop.ref("User", "bob"))
        assert shop.state("User", "ann")["balance"] == 10
        assert shop.call("User", "ann", "pay", 2) == 8
    after = rows(path)
    assert after[encode_key("bob")] == before[encode_key("bob")]
    with Shop.open(ASKS_STATE.replace("> 15", "> 99"), path) as shop:
        assert [shop.state("User", name)["email"] for name in ("ann", "bob")] == ["ann@example.org", "bob@example.org"]
        assert shop.call("User", "ann", "give", shop.ref("User", "bob")) == "given"


def test_upgrade_that_leaves_what_cannot_be_stored_is_refused(path):
    odd = "    class Odd:\n        def __new__(cls, *given): return object.__new__(cls)\n\n    def made(): return [Odd(1)]\n\n"
    source = odd + NEEDS_EMAIL + "\n        def __upgrade__(self, state):\n            self.email = made()\n"
    with Shop.open(source, path) as shop, pytest.raises(UpgradeFailed, match=r"SF510: User.email\[0\] cannot be stored"):
        shop.call("User", "ann", "look")


CENTS = (
    FIRST
    + """
        __version__ = 2

        def __upgrade__(self, state, version):
            if version < 2:
                self.balance = state["balance"] * 100
"""
)


def test_numbered_class_upgrades_each_state_once(path):
    with Shop.open(CENTS, path) as shop:
        assert [shop.call("User", "ann", "look") for _ in range(2)] == [1000, 1000]
        assert shop.call("User", "ann", "pay", 1) == 999
    for _ in range(2):
        with Shop.open(CENTS, path) as shop:
            assert [shop.call("User", name, "look") for name in ("ann", "bob")] == [999, 2000]
    refuse(NewerSchema, "its __version__ is 2, not 0", FIRST, path)


def test_upgraded_entity_that_leaves_the_cache_unchanged_is_upgraded_again(path):
    with Shop.open(CENTS, path, cache_bytes=0) as shop:
        assert [shop.call("User", name, "look") for name in ("ann", "bob", "ann")] == [1000, 2000, 1000]
        assert shop.call("User", "ann", "pay", 1) == 999
        assert shop.call("User", "ann", "look") == 999


def renamed(source: str = FIRST, name: str = "Customer") -> str:
    return source.replace("@stateflow.entity", '@stateflow.renamed("User")\n    @stateflow.entity').replace("User", name).replace(
        f'renamed("{name}")', 'renamed("User")'
    )


def test_renamed_class_takes_over_entities_and_references(path):
    with Shop.open(renamed(), path) as shop:
        assert shop.state("Customer", "ann")["friend"] == shop.ref("Customer", "bob")
        assert shop.call("User", "ann", "pay", 1) == 9
        shop.create("Customer", "eve", 5)
        with pytest.raises(EntityNotFound):
            shop.call("Customer", "zoe", "look")
    with Shop.open(renamed(), path) as shop:
        assert [shop.call("Customer", name, "look") for name in ("ann", "bob", "eve")] == [9, 20, 5]
    refusal = "SF570: there are entities of Customer, called User before, which is no class of this flow"
    refuse(IncompatibleSchema, refusal, FIRST, path)


OTHER = """
    @stateflow.entity
    class Song:
        def __init__(self, name: str):
            self.name = name

        def __key__(self) -> str:
            return self.name
"""


def test_class_that_is_renamed_twice_may_forget_its_first_name_once_it_has_written(path):
    with Shop.open(renamed(), path) as shop:
        shop.call("Customer", "ann", "pay", 1)
    twice = FIRST.replace("User", "Client").replace("@stateflow.entity", '@stateflow.renamed("Customer")\n    @stateflow.entity')
    with Shop.open(twice, path) as shop:
        assert [shop.call("Client", name, "look") for name in ("ann", "bob")] == [9, 20]


ALBUM = """
    @stateflow.entity
    class Album:
        def __init__(self, name: str, owner: Owner):
            self.name, self.owners = name, [owner]

        def __key__(self) -> str:
            return self.name
"""


def test_name_of_a_renamed_class_can_be_taken_by_a_new_one(path):
    with Shop.open(FIRST + ALBUM.replace("Owner", "User"), path) as shop:
        shop.create("Album", "hits", shop.ref("User", "ann"))
    with Shop.open(renamed() + ALBUM.replace("Owner", "Customer"), path) as shop:
        for name in ("ann", "bob"):
            shop.call("Customer", name, "pay", 1)
        shop.create("Album", "more", shop.ref("Customer", "ann"))
    both = FIRST.replace("User", "Customer") + OTHER.replace("Song", "User") + ALBUM.replace("Owner", "Customer")
    for _ in range(2):
        with Shop.open(both, path) as shop:
            with pytest.raises(EntityNotFound):
                shop.state("User", "bob")
            assert [shop.call("Customer", name, "look") for name in ("ann", "bob")] == [9, 19]
            assert [shop.state("Album", name)["owners"] for name in ("hits", "more")] == [[shop.ref("Customer", "ann")]] * 2
    with Shop.open(both, path) as shop:
        shop.create("User", "ann")
        shop.create("Album", "new", shop.ref("User", "ann"))
    with Shop.open(both, path) as shop:
        assert (shop.state("User", "ann"), shop.call("Customer", "ann", "look")) == ({"name": "ann"}, 9)
        assert shop.state("Album", "new")["owners"] == [shop.ref("User", "ann")]


def test_entities_of_a_class_that_is_gone_are_refused_or_left_alone(path):
    with Shop.open(FIRST + OTHER, path) as shop:
        shop.create("Song", "la")
    refuse(IncompatibleSchema, "SF570: there are entities of Song, which is no class of this flow", FIRST, path)
    with Shop.open(FIRST, path, allow_unknown=True) as shop:
        shop.call("User", "ann", "pay", 1)
    with Shop.open(FIRST + OTHER, path) as shop:
        assert (shop.state("Song", "la"), shop.call("User", "ann", "look")) == ({"name": "la"}, 9)


def test_reference_to_a_class_that_is_gone_is_told_with_the_entity_that_holds_it(path):
    with Shop.open(FIRST + OTHER, path) as shop:
        shop.create("Song", "la")
        shop.call("User", "bob", "befriend", shop.ref("Song", "la"))
    with Shop.open(FIRST, path, allow_unknown=True) as shop:
        assert shop.call("User", "ann", "look") == 10
        with pytest.raises(MalformedBytes, match=r"no class of this flow is named 'Song'.*User\('bob'\)"):
            shop.call("User", "bob", "look")


def test_two_classes_with_entities_cannot_become_one(path):
    with Shop.open(FIRST + OTHER, path) as shop:
        shop.create("Song", "la")
    merged = FIRST.replace("@stateflow.entity", '@stateflow.renamed("Song")\n    @stateflow.entity')
    refuse(IncompatibleSchema, "there are entities of User and of Song, which are both User now", merged, path)
    with Shop.open(FIRST + OTHER, path) as shop:
        shop.client.delete(shop.ref("Song", "la")).get(10)
    with Shop.open(merged, path) as shop:
        assert shop.call("User", "ann", "look") == 10


def test_file_of_none_of_the_classes_is_refused(path):
    refuse(DatabaseRefused, r"SF553: .*shop\.db holds User, and the dataflow has only Song", OTHER, path)


def request(request_id: str, cls: str, method: str, *args: Any) -> Any:
    return call(request_id, type(cls, (), {"__qualname__": cls}), "ann", method, *args)


RENAMED_METHOD = renamed().replace("        def pay", '        @stateflow.renamed("pay")\n        def charge')


def test_repeated_request_gets_its_reply_after_class_and_method_were_renamed(path):
    with Shop.open(FIRST, path) as shop:
        replies = [
            shop.client.send(request("p-1", "User", "pay", 3)).get(10),
            shop.client.send(request("p-2", "User", "befriend", shop.ref("User", "bob"))).get(10),
        ]
        assert replies == [7, shop.ref("User", "bob")]
    with Shop.open(RENAMED_METHOD, path) as shop:
        for names in (("User", "pay"), ("Customer", "charge"), ("User", "charge"), ("Customer", "pay")):
            assert shop.client.send(request("p-1", *names, 3)).get(10) == 7
            with pytest.raises(RequestIdReused):
                shop.client.send(request("p-1", *names, 4)).get(10)
        for name in ("User", "Customer"):
            again = request("p-2", name, "befriend", shop.ref("Customer", "bob"))
            assert shop.client.send(again).get(10) == shop.ref("Customer", "bob")
        assert shop.client.send(request("p-3", "User", "pay", 1)).get(10) == 6
        assert shop.client.send(request("p-3", "Customer", "charge", 1)).get(10) == 6
        assert shop.call("Customer", "ann", "look") == 6


def test_error_of_a_renamed_class_is_replied_again_as_the_present_one(path):
    raising = FIRST + "\n        def fail(self):\n            raise Poor(self)\n\n    class Poor(Exception): pass\n"
    with Shop.open(raising, path) as shop, pytest.raises(Exception, match="ann"):
        shop.client.send(request("f-1", "User", "fail")).get(10)
    changed = raising.replace("raise Poor", "raise Broke").replace("    class Poor", '    @stateflow.renamed("Poor")\n    class Broke')
    with Shop.open(changed, path) as shop:
        with pytest.raises(Exception, match="ann") as raised:
            shop.client.send(request("f-1", "User", "fail")).get(10)
        assert (type(raised.value).__name__, raised.value.args) == ("Broke", (shop.ref("User", "ann"),))


def test_generator_of_changed_code_is_told_with_the_entity_that_holds_it(path):
    drawing = FIRST.replace('["first"]', "self.numbers()") + "\n        def numbers(self):\n            yield 1\n            yield 2\n"
    with Shop.open(drawing, path) as shop:
        shop.create("User", "eve")
    with Shop.open(drawing.replace("yield 1", "yield 3"), path) as shop:
        with pytest.raises(FrameOfOtherCode, match=r"SF573: .*User\('eve'\)"):
            shop.call("User", "eve", "look")
        assert shop.call("User", "ann", "look") == 10


def test_failed_commit_of_the_first_state_of_a_version_leaves_no_trace_of_the_version(path):
    from stateflow.failpoints import Action, InjectedFailure, arm

    with Shop.open(WITH_LEVEL, path) as shop:
        with arm("before-commit", Action.RAISE), pytest.raises(InjectedFailure):
            shop.call("User", "ann", "pay", 1)
        assert shop.call("User", "ann", "look") == 10
    assert versions(path) == 1
    with Shop.open(FIRST, path) as shop:
        assert shop.call("User", "ann", "look") == 10
    with Shop.open(WITH_LEVEL, path) as shop:
        with arm("amid-write", Action.RAISE), pytest.raises(InjectedFailure):
            shop.call("User", "ann", "pay", 1)
        assert shop.call("User", "ann", "pay", 1) == 9
    assert versions(path) == 2


LIVING = """
    from dataclasses import dataclass, field

    @dataclass
    class Address:
        street: str

    @stateflow.entity
    class User:
        def __init__(self, name: str):
            self.name, self.homes = name, [Address("main")]

        def __key__(self) -> str:
            return self.name

        def move(self, street: str) -> Address:
            self.homes.append(Address(street))
            return self.homes[0]

        def look(self) -> int:
            return len(self.homes)
"""


def test_objects_inside_states_are_taken_over_and_written_with_the_first_change_only(tmp_path):
    path = tmp_path / "homes.db"
    lived = LIVING.replace("street: str\n\n", "street: str\n        notes: list[str] = field(default_factory=list)\n\n")
    with Shop.open(LIVING, path) as shop:
        shop.create("User", "ann")
        shop.client.send(request("m-1", "User", "move", "side")).get(10)
    before = rows(path)
    with Shop.open(lived, path) as shop:
        assert [home.notes for home in shop.state("User", "ann")["homes"]] == [[], []]
        assert shop.call("User", "ann", "look") == 2
        assert shop.client.send(request("m-1", "User", "move", "side")).get(10).notes == []
    assert rows(path) == before
    with Shop.open(LIVING, path) as shop:
        assert shop.call("User", "ann", "look") == 2
    with Shop.open(lived, path) as shop:
        shop.call("User", "ann", "move", "back")
    refuse(NewerSchema, r"a newer version of User has written here \(shop_versions.Address has other fields\)", LIVING, path)
