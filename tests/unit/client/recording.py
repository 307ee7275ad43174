"""A flow and an executor that only record, to test clients and the worker without compiler and core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stateflow.entity import entity
from stateflow.protocol.messages import Operation, Reply, Request
from stateflow.references import ReferenceTable, reference_type


@entity
class Item:
    def __init__(self, name: str, price: int = 1) -> None:
        self.name = name
        self.price = price

    def update_stock(self, amount: int) -> bool:
        return amount > 0

    async def restock(self, amount: int) -> int:
        return amount

    def _private(self) -> int:
        return 1

    def __key__(self) -> str:
        return self.name

    def __len__(self) -> int:
        return 3


@entity
class User:
    balance: int

    def __init__(self, username: str) -> None:
        self.username = username
        self.balance = 1

    def buy_item(self, amount: int, item: Item) -> bool:
        return bool(amount and item)

    def __key__(self) -> str:
        return self.username


class Flow:
    """The part of a Dataflow that clients use."""

    def __init__(self, *classes: type) -> None:
        self.classes = classes
        self.reference_types = {cls: reference_type(cls) for cls in classes}

    def method_name(self, cls: type, name: str) -> str:
        return name

    def member_kind(self, cls: type, name: str) -> str | None:
        if callable(getattr(cls, name, None)):
            return "method"
        return "attribute" if name in ("balance", "username", "name", "price") else None


class Recorder:
    """Keep the requests; answer each by `answer`."""

    def __init__(self, answer: Callable[[Request, ReferenceTable], Any] = lambda request, _: request.request_id) -> None:
        self.requests: list[Request] = []
        self.answer = answer

    def execute(self, request: Request, references: ReferenceTable) -> Reply:
        self.requests.append(request)
        if request.operation is Operation.CREATE:
            cls = {"Item": Item, "User": User}[request.class_name]
            return Reply(request.request_id, references.get(cls, request.args[0]))
        try:
            return Reply(request.request_id, self.answer(request, references))
        except Exception as error:
            return Reply(request.request_id, error=error)
