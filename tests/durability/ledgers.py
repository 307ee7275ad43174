"""Accounts with a history, and requests that can be sent again as they were."""

from __future__ import annotations

from typing import Any

import stateflow
from stateflow.protocol.messages import Operation, Request

__all__ = ["Account", "Note", "call", "create", "flow"]


@stateflow.entity
class Account:
    def __init__(self, name: str, balance: int = 0) -> None:
        self.name = name
        self.balance = balance

    def __key__(self) -> str:
        return self.name

    def add(self, amount: int) -> int:
        self.balance += amount
        return self.balance

    def move(self, amount: int, target: Account) -> tuple[int, int]:
        if amount > self.balance:
            raise ValueError(self.name, self.balance)
        self.balance -= amount
        return self.balance, target.add(amount)

    def try_add(self, amount: int, target: Account) -> str:
        try:
            target.add(amount)
        except Exception:
            self.balance -= amount
            return "caught"
        return "added"


@stateflow.entity
class Note:
    """An entity whose state is no flat record, and may be large."""

    def __init__(self, number: int, text: str = "") -> None:
        self.number = number
        self.lines = [text]
        self.me = self
        self.also = self.lines

    def __key__(self) -> int:
        return self.number

    def append(self, text: str) -> int:
        self.lines.append(text)
        return len(self.also)

    def replace(self, text: str) -> str:
        self.lines[:] = [text]
        return text

    def count(self) -> int:
        return len(self.lines)

    def append_and_take_back(self) -> int:
        self.lines.append("more")
        self.lines.pop()
        return len(self.lines)

    def delete(self) -> None:
        stateflow.delete(self)


def flow() -> Any:
    """Compile the classes."""
    return stateflow.init(Account, Note)


def create(request_id: str, cls: type, *args: Any, time_ns: int = 1) -> Request:
    """Make a request that creates an entity."""
    return Request(request_id=request_id, time_ns=time_ns, operation=Operation.CREATE, class_name=cls.__qualname__, args=args)


def call(request_id: str, cls: type, key: Any, method: str, *args: Any, time_ns: int = 1) -> Request:
    """Make a request that calls a method."""
    return Request(
        request_id=request_id,
        time_ns=time_ns,
        operation=Operation.CALL,
        class_name=cls.__qualname__,
        key=key,
        name=method,
        args=args,
    )
