"""A bound class creates entities; an unbound one is what it was before, whatever it defines."""

from __future__ import annotations

import abc
import copy
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from stateflow.entity import bind, unbind
from stateflow.errors import ConfigurationError


class Plain:
    def __init__(self, a: int, b: int = 2) -> None:
        self.a, self.b = a, b


class Empty:
    pass


class OwnNew:
    made: int

    def __new__(cls, a: int) -> OwnNew:
        made = object.__new__(cls)
        made.made = a
        return made


OWN_NEW = OwnNew.__dict__["__new__"]


class InheritsNew(OwnNew):
    pass


class Text(str):
    __slots__ = ()


class Slotted:
    __slots__ = ("a",)

    def __init__(self, a: int) -> None:
        self.a = a


class Abstract(abc.ABC):
    @abc.abstractmethod
    def area(self) -> int: ...


class Once(type):
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return super().__call__(*args, **kwargs)


class WithMetaclass(metaclass=Once):
    def __init__(self, a: int) -> None:
        self.a = a


CASES: list[tuple[type, Callable[[Any], Any]]] = [
    (Plain, lambda cls: vars(cls(1))),
    (Plain, lambda cls: vars(cls(1, b=3))),
    (Plain, lambda cls: cls()),
    (Plain, lambda cls: cls(1, 2, 3)),
    (Plain, lambda cls: str(inspect.signature(cls))),
    (Plain, lambda cls: vars(copy.deepcopy(cls(1)))),
    (Empty, lambda cls: vars(cls())),
    (Empty, lambda cls: cls(1)),
    (Empty, lambda cls: type("Sub", (cls,), {"__init__": lambda self, a: None})(1).__dict__),
    (Empty, lambda cls: type("Sub", (cls,), {})(1)),
    (OwnNew, lambda cls: cls(4).made),
    (OwnNew, lambda cls: cls()),
    (OwnNew, lambda cls: str(inspect.signature(cls))),
    (InheritsNew, lambda cls: (cls(4).made, type(cls(4)).__name__)),
    (Text, lambda cls: (cls("tea"), cls(b"tea", "ascii"), type(cls()).__name__)),
    (Slotted, lambda cls: cls(1).a),
    (Abstract, lambda cls: cls()),
    (Abstract, lambda cls: type("Square", (cls,), {"area": lambda self: 4})().area()),
    (WithMetaclass, lambda cls: cls(3).a),
]


def rebuilt(cls: type) -> type:
    """Make a class like `cls`."""
    body = {k: v for k, v in vars(cls).items() if k not in ("__dict__", "__weakref__", "a", "__new__", "_abc_impl")}
    if cls is OwnNew:
        body["__new__"] = OWN_NEW
    return type(cls)(cls.__name__, cls.__bases__, body)


def outcome(case: Callable[[Any], Any], cls: type) -> object:
    try:
        return case(cls)
    except TypeError as error:
        return str(error)


@pytest.fixture
def bound() -> Iterator[Callable[[type], list[tuple[Any, ...]]]]:
    """Bind a class; return the list that its creations are put in."""
    done: list[type] = []

    def bind_to_list(cls: type) -> list[tuple[Any, ...]]:
        created: list[tuple[Any, ...]] = []
        bind(cls, lambda cls, *args, **kwargs: created.append((cls, args, kwargs)), lambda cls, key: (cls, key))
        done.append(cls)
        return created

    yield bind_to_list
    for cls in done:
        unbind(cls)


@pytest.mark.parametrize(("cls", "case"), CASES)
def test_binding_and_unbinding_changes_nothing(cls: type, case: Callable[[Any], Any]) -> None:
    # Binding leaves a __new__ behind, so each comparison needs two classes that were never bound.
    judge, subject = rebuilt(cls), rebuilt(cls)
    for _ in range(2):
        bind(subject, lambda *_: None, lambda *_: None)
        unbind(subject)
    assert outcome(case, subject) == outcome(case, judge)


@pytest.mark.parametrize("cls", [Plain, Empty, OwnNew, InheritsNew, Text, Slotted, Abstract, WithMetaclass])
def test_calling_a_bound_class_creates(cls: Any, bound: Callable[[type], list[tuple[Any, ...]]]) -> None:
    created = bound(cls)
    assert cls(1, b=2) is None
    assert created == [(cls, (1,), {"b": 2})]


def test_a_subclass_of_a_bound_class_stays_plain(bound: Callable[[type], list[tuple[Any, ...]]]) -> None:
    created = bound(Plain)

    class Sub(Plain):
        pass

    assert Sub(1).a == 1
    assert created == []


def test_a_class_is_bound_to_one_client_at_a_time(bound: Callable[[type], list[tuple[Any, ...]]]) -> None:
    bound(Plain)
    with pytest.raises(ConfigurationError, match="Plain is bound to a client already"):
        bound(Plain)


def test_unbinding_what_is_not_bound_does_nothing() -> None:
    unbind(Plain)
    assert Plain(1).a == 1
