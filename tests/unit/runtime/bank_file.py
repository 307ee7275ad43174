"""Accounts in a file, with values of many types, for tests of what reads and moves files."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import stateflow
from stateflow.runtime.local import LocalClient, LocalRuntime

__all__ = ["FLOW", "KEYS", "Account", "Kind", "Note", "fill", "states"]


class Kind(Enum):
    GOLD = "gold"
    SILVER = "silver"


@dataclass
class Note:
    text: str
    about: list[Any]


@stateflow.entity
class Account:
    def __init__(self, key: Any, money: int = 0) -> None:
        self.key, self.money = key, money

    def __key__(self) -> Any:
        return self.key

    def send(self, other: Account, amount: int) -> None:
        other.receive(amount)
        self.money -= amount

    def receive(self, amount: int) -> None:
        self.money += amount

    def remember(self, values: Any) -> None:
        shared = [1, 2]
        self.values = values
        self.pair = (shared, shared)
        self.circle: list[Any] = []
        self.circle.append(self.circle)
        self.me = self

    def befriend(self, other: Account) -> None:
        self.friend = other


FLOW = stateflow.init(Account)
KEYS = [
    "ann", "", "\0", "\ud800", 7, -(2**80), True, b"\xff", uuid.UUID(int=5), dt.date(2024, 1, 2), dt.time(1, 2), Kind.GOLD,
    ("a", 1, ("b",)),
]  # fmt: skip
VALUES = [
    None, True, 2**70, 1.5, float("inf"), -0.0, "é\ud800", b"\0", 1j, Decimal("1.50"), dt.datetime(2024, 1, 2, tzinfo=dt.UTC),
    dt.timedelta(days=1), Kind.SILVER, (1, (2,)), {1: [2], "a": {"b"}}, frozenset({3}), bytearray(b"x"), range(3), ValueError("x", 1),
    Note("n", [Note("m", [])]), {"$ref": 0},
]  # fmt: skip


def fill(client: LocalClient) -> None:
    """Make an account for each of `KEYS`; one of them holds each of `VALUES`, itself, and what is shared."""
    accounts = [client.create(Account, key, number).get(10) for number, key in enumerate(KEYS)]
    client.call(Account.remember, accounts[0], VALUES).get(10)
    client.call(Account.befriend, accounts[1], accounts[-1]).get(10)


def states(path: Path) -> str:
    """Return all that a file holds, as text, in which equal values of different types differ."""
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        return repr(client.snapshot(client.list(Account).get(10)).get(10))
