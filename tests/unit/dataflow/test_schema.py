"""A state that another version of its class wrote is taken over as the rules say, or refused with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from stateflow.core.store import get_state
from stateflow.core.upgrade import upgrade_instance
from stateflow.dataflow import Dataflow
from stateflow.errors import UpgradeFailed
from tests.unit.dataflow.versions import flow_of

FIRST = """
    @stateflow.entity
    class User:
        def __init__(self, name: str, balance: int = 0):
            self.name, self.balance, self.obsolete = name, balance, []

        def __key__(self) -> str:
            return self.name
"""
STATE = {"name": "ann", "balance": 3, "obsolete": [1]}


def version(flow: Dataflow, name: str = "User") -> Any:
    return flow.schema(flow.by_name[name]).version


def taken_over(source: str, state: dict[str, Any] = STATE, first: str = FIRST, key: object = "ann") -> dict[str, Any]:
    stored = version(flow_of(first))
    flow = flow_of(source)
    cls = flow.by_name[stored.class_name]
    instance = object.__new__(cls)
    upgrade_instance(instance, key, dict(state), flow.schema(cls), stored)
    return get_state(instance)


def refusal(source: str, **given: Any) -> str:
    with pytest.raises(UpgradeFailed) as raised:
        taken_over(source, **given)
    return str(raised.value)


CHANGED = """
    from decimal import Decimal
    from enum import Enum

    class Level(Enum):
        NEW = 1

    LIMIT = 5

    @stateflow.entity
    class User:
        currency = "EUR"

        def __init__(self, name: str, balance: int = 0, vip: bool = False, tags=None):
            self.name, self.balance = name, balance
            self.vip = vip
            self.tags = tags or []
            self.level = Level.NEW
            self.limit = LIMIT * 60
            self.rate = Decimal("0.5")
            self.history: dict[str, list[int]] = {"all": []}
            self.currency = "USD" if balance else self.currency
            self._start()

        def _start(self):
            self.turns = 0

        def __key__(self) -> str:
            return self.name
"""


def test_a_class_as_it_was_has_the_same_version():
    assert version(flow_of(FIRST)) == version(flow_of(FIRST))


def test_comments_layout_and_other_classes_do_not_change_the_version():
    other = FIRST.replace("def __key__", "# by name\n        def  __key__") + "\n    @stateflow.entity\n    class Other(User): pass\n"
    assert version(flow_of(other)) == version(flow_of(FIRST))


def test_a_changed_method_changes_the_code_but_needs_no_upgrade():
    before, after = version(flow_of(FIRST)), version(flow_of(FIRST + "\n        def double(self): self.balance *= 2\n"))
    assert (before.digest, before.code != after.code) == (after.digest, True)


def test_new_fields_get_what_the_source_of_init_says():
    state = taken_over(CHANGED)
    assert {n: state[n] for n in ("vip", "tags", "limit", "history", "turns")} == {
        "vip": False, "tags": [], "limit": 300, "history": {"all": []}, "turns": 0,
    }  # fmt: skip
    assert (state["level"].name, str(state["rate"]), state["balance"]) == ("NEW", "0.5", 3)


def test_a_field_with_a_value_in_the_class_needs_none_of_its_own():
    assert "currency" not in taken_over(CHANGED)


def test_two_states_share_no_default():
    one, other = taken_over(CHANGED), taken_over(CHANGED)
    one["history"]["all"].append(1)
    assert other["history"] == {"all": []}


def test_a_field_that_nothing_mentions_any_more_is_dropped():
    assert "obsolete" not in taken_over(CHANGED)


def test_a_field_that_another_class_mentions_is_kept():
    other = CHANGED + "\n        def look(self, other): return other.obsolete\n"
    assert taken_over(other)["obsolete"] == [1]


def test_attributes_with_computed_names_are_kept():
    assert taken_over(CHANGED + "\n        def put(self, name, value): setattr(self, name, value)\n")["obsolete"] == [1]


def test_a_field_that_a_method_deleted_stays_deleted():
    state = {"name": "ann", "obsolete": []}
    assert "balance" not in taken_over(FIRST + "\n        extra: int = 0\n", state)


def test_a_field_that_became_a_property_is_left_to_upgrade():
    source = (
        CHANGED
        + """
        @property
        def obsolete(self):
            return self.old

        def __upgrade__(self, state):
            self.old = state["obsolete"]
    """
    )
    state = taken_over(source)
    assert (state["old"], "obsolete" in state) == ([1], False)


NEEDS = """
    @stateflow.entity
    class User:
        def __init__(self, name: str, balance: int, email: str):
            self.name, self.balance, self.email = name, balance, email

        def __key__(self) -> str:
            return self.name
"""


def test_a_field_from_an_argument_needs_upgrade():
    digest = version(flow_of(FIRST)).digest
    assert refusal(NEEDS) == (
        f"SF571: the stored state of User('ann'), written by version {digest[:8]} of User, cannot be taken over: "
        "it lacks email, which User.__init__ takes from its arguments; "
        "define __upgrade__(self, state), or give it a default"
    )


def test_upgrade_sees_the_stored_state_and_finishes_the_object():
    source = (
        NEEDS
        + """
        def __upgrade__(self, state):
            self.email = f"{self.name}-{state['obsolete'][0]}"
    """
    )
    assert taken_over(source) == {"name": "ann", "balance": 3, "email": "ann-1"}


def test_an_upgrade_that_forgets_a_field_is_refused():
    assert "it lacks email" in refusal(NEEDS + "\n        def __upgrade__(self, state): pass\n")


def test_what_upgrade_raises_is_told():
    assert "__upgrade__ raised KeyError: 'mail'" in refusal(NEEDS + "\n        def __upgrade__(self, state): self.email = state['mail']\n")


def test_a_changed_key_is_refused():
    by_balance = FIRST.replace("return self.name", "return self.balance")
    assert "its __key__ now answers 3" in refusal(by_balance, first=NEEDS, state={**STATE, "email": ""})


@pytest.mark.parametrize(("annotation", "is_refused"), [("str", True), ("float", False), ("str | None", True), ("int | str", False)])
def test_a_changed_annotation_must_fit_the_value(annotation, is_refused):
    source = FIRST.replace("balance: int", f"balance: {annotation}")
    if is_refused:
        assert "balance is now annotated as" in refusal(source)
    else:
        assert taken_over(source) == STATE


def numbered(number: int, body: str) -> str:
    return FIRST + f"\n        __version__ = {number}\n\n        def __upgrade__(self, state, version): {body}\n"


def test_a_numbered_class_is_asked_for_lower_numbers_only():
    assert taken_over(numbered(2, "self.balance *= 100"))["balance"] == 300
    assert taken_over(numbered(2, "self.balance *= 100"), first=numbered(2, "self.balance *= 10"))["balance"] == 3


def test_a_numbered_class_is_told_the_stored_number():
    assert taken_over(numbered(3, "self.balance = version"), first=numbered(2, "pass"))["balance"] == 2


def test_private_names_follow_the_name_of_a_renamed_class():
    first = FIRST.replace("self.balance,", "self.__balance,").replace("User", "Customer")
    second = first.replace("Customer", "User").replace("@stateflow.entity", '@stateflow.renamed("Customer")\n    @stateflow.entity')
    stored = version(flow_of(first), "Customer")
    flow = flow_of(second)
    cls = flow.by_name["Customer"]
    instance = object.__new__(cls)
    upgrade_instance(instance, "ann", {"name": "ann", "_Customer__balance": 3, "obsolete": []}, flow.schema(cls), stored)
    assert (cls.__name__, instance._User__balance) == ("User", 3)


def test_fields_of_a_base_count():
    source = (
        FIRST.replace("class User:", "class Base:").replace("@stateflow.entity", "")
        + """
    @stateflow.entity
    class User(Base):
        def __init__(self, name: str, balance: int = 0, *, kind="plain"):
            super().__init__(name, balance)
            self.kind = kind
    """
    )
    assert taken_over(source) == {**STATE, "kind": "plain"}


def test_dataclass_fields_have_their_defaults():
    dataclass = """
    from dataclasses import dataclass, field

    @stateflow.entity
    @dataclass(eq=False)
    class User:
        name: str
        balance: int
        limit: int = 7
        tags: list = field(default_factory=list)
        {more}
        def __key__(self) -> str:
            return self.name
    """
    assert taken_over(dataclass.format(more=""))["tags"] == []
    assert "it lacks email" in refusal(dataclass.replace("balance: int", "balance: int\n        email: str").format(more=""))


def test_version_of_a_class_is_the_same_in_every_release_of_python():
    upgrade = """
        def __upgrade__(self, state):
            self.note = f"{state['name']!r:>{10}}" or -1
    """
    stored = version(flow_of(FIRST + upgrade))
    assert (stored.digest, stored.code) == ("e3f784f3ceb6b9da", "2e36cf75621e7416")


def test_slots_are_taken_over_like_other_attributes():
    slotted = FIRST.replace("def __init__", '__slots__ = ("name", "balance", "obsolete")\n\n        def __init__')
    more = slotted.replace('"obsolete")', '"notes")').replace("obsolete = name, balance, []", "notes = name, balance, {}")
    assert taken_over(more, first=slotted) == {"name": "ann", "balance": 3, "notes": {}}
