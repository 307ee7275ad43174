"""Stored objects of value classes are taken over by classes that have other fields now."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import attrs
import msgspec
import pydantic
import pytest

from stateflow.errors import MalformedBytes
from stateflow.protocol.values import ValueCodec, ValueTypes

Made = Callable[[], tuple[type, type]]


def dataclasses_with_slots() -> tuple[type, type]:
    @dataclass(frozen=True, slots=True)
    class Old:
        street: str
        floor: int = 0

    @dataclass(frozen=True, slots=True)
    class New:
        street: str
        zip: str = "?"
        tags: tuple[str, ...] = field(default_factory=tuple)

    return Old, New


def plain_dataclasses() -> tuple[type, type]:
    @dataclass
    class Old:
        street: str

    @dataclass
    class New:
        street: str
        zip: str = "?"
        tags: list[str] = field(default_factory=list)

    return Old, New


def attrs_classes() -> tuple[type, type]:
    @attrs.define
    class Old:
        street: str
        floor: int = 0

    @attrs.define
    class New:
        street: str
        zip: str = "?"
        tags: list[str] = attrs.field(factory=list)

    return Old, New


def frozen_attrs_classes() -> tuple[type, type]:
    @attrs.frozen
    class Old:
        street: str

    @attrs.frozen
    class New:
        street: str
        zip: str = "?"
        tags: tuple[str, ...] = ()

    return Old, New


def pydantic_models() -> tuple[type, type]:
    class Old(pydantic.BaseModel):
        street: str

    class New(pydantic.BaseModel):
        street: str
        zip: str = "?"
        tags: list[str] = pydantic.Field(default_factory=list)

    return Old, New


def structs() -> tuple[type, type]:
    class Old(msgspec.Struct):
        street: str
        floor: int = 0

    class New(msgspec.Struct):
        street: str
        zip: str = "?"
        tags: list[str] = []

    return Old, New


def structs_that_look_at_themselves() -> tuple[type, type]:
    class Old(msgspec.Struct, frozen=True):
        street: str
        floor: int = 0

    class New(msgspec.Struct, frozen=True):
        street: str
        zip: str = "?"
        tags: tuple[str, ...] = ()

        def __post_init__(self) -> None:
            assert self.zip

    return Old, New


def named_tuples() -> tuple[type, type]:
    class Old(NamedTuple):
        street: str

    class New(NamedTuple):
        street: str
        zip: str = "?"
        tags: tuple[str, ...] = ()

    return Old, New


KINDS = [
    dataclasses_with_slots, plain_dataclasses, attrs_classes, frozen_attrs_classes, pydantic_models, structs,
    structs_that_look_at_themselves, named_tuples,
]  # fmt: skip


def codec(cls: type, *, reads_older: bool = True) -> ValueCodec:
    types = ValueTypes()
    types.register_class(cls, "address")
    return ValueCodec(types, reads_older=reads_older)


def read(old: Any, new: type) -> Any:
    return codec(new).decode(codec(type(old)).encode(old))


@pytest.mark.parametrize("made", KINDS)
def test_missing_fields_get_their_defaults_and_lost_ones_are_dropped(made: Made) -> None:
    old, new = made()
    taken = read(old(street="main"), new)
    assert taken == new(street="main")
    assert (taken.zip, list(taken.tags)) == ("?", [])
    assert not hasattr(taken, "floor")


@pytest.mark.parametrize("made", KINDS)
def test_objects_of_the_present_class_are_as_they_were(made: Made) -> None:
    _, new = made()
    there = new(street="main", zip="1", tags=new(street="").tags)
    assert read(there, new) == there


@pytest.mark.parametrize("made", [dataclasses_with_slots, frozen_attrs_classes, structs_that_look_at_themselves, named_tuples])
def test_objects_that_are_hashed_while_they_are_read_are_complete(made: Made) -> None:
    old, new = made()
    data = codec(old).encode({old(street="main"), old(street="side")})
    assert codec(new).decode(data) == {new(street="main"), new(street="side")}


def test_two_objects_share_no_default() -> None:
    old, new = plain_dataclasses()
    one, other = read(old("a"), new), read(old("b"), new)
    one.tags.append(1)
    assert other.tags == []


def test_a_field_without_a_default_stays_missing_for_upgrade_to_set() -> None:
    old, _ = plain_dataclasses()
    new = dataclasses.make_dataclass("New", ["street", "zip"])
    assert vars(read(old("main"), new)) == {"street": "main"}


@pytest.mark.parametrize("made", [structs, named_tuples])
def test_what_cannot_stay_missing_is_refused(made: Made) -> None:
    old, _ = made()
    fields = [("street", str), ("zip", str)]
    new = msgspec.defstruct("New", fields) if made is structs else NamedTuple("New", fields)
    with pytest.raises(MalformedBytes, match="a stored New lacks zip, which has no default"):
        read(old("main"), new)


def test_a_factory_of_the_user_is_not_called() -> None:
    new = dataclasses.make_dataclass("New", ["street", ("zip", str, field(default_factory=lambda: pytest.fail("called")))])
    assert vars(read(plain_dataclasses()[0]("main"), new)) == {"street": "main"}


def test_between_two_moments_of_one_code_a_deleted_attribute_stays_deleted() -> None:
    _, new = plain_dataclasses()
    there = new("main")
    del there.tags
    again = codec(new, reads_older=False)
    assert vars(again.decode(again.encode(there))) == {"street": "main", "zip": "?"}
    assert vars(again.copy(there)) == {"street": "main", "zip": "?"}  # type: ignore[arg-type]
