"""A receiver annotated as a union of two entity classes and a value class answers by its own method."""

from dataclasses import dataclass

import stateflow


@dataclass
class Cash:
    amount: int

    def charge(self, price: int) -> str:
        self.amount -= price
        return f"cash {self.amount}"


@stateflow.entity
class Card:
    def __init__(self, number: str, limit: int):
        self.number, self.limit = number, limit

    def __key__(self):
        return self.number

    def charge(self, price: int) -> str:
        self.limit -= price
        return f"card {self.limit}"


@stateflow.entity
class Voucher:
    def __init__(self, code: str):
        self.code, self.used = code, False

    def __key__(self):
        return self.code

    def charge(self, price: int) -> str:
        self.used = True
        return f"voucher for {price}"


@stateflow.entity
class Till:
    def __init__(self, number: int):
        self.number = number
        self.receipts: list[str] = []

    def __key__(self):
        return self.number

    def checkout(self, means: Card | Voucher | Cash, price: int) -> str:
        receipt = means.charge(price)
        again = means.charge(1)
        self.receipts += [receipt, again]
        return receipt


def script(world):
    till = world.create(Till, 1)
    world.call(till, "checkout", world.create(Card, "4111", 100), 30)
    world.call(till, "checkout", world.create(Voucher, "FREE"), 30)
    world.call(till, "checkout", Cash(50), 30)
    world.state(till)
