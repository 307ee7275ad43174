"""A parameter typed by a Protocol is served by an entity and by a value of unrelated classes."""

from typing import Protocol

import stateflow


class Notifier(Protocol):
    def notify(self, text: str) -> int: ...


class Silent:
    def notify(self, text: str) -> int:
        return -len(text)


@stateflow.entity
class Phone:
    def __init__(self, number: str):
        self.number = number
        self.inbox: list[str] = []

    def __key__(self):
        return self.number

    def notify(self, text: str) -> int:
        self.inbox.append(text)
        return len(self.inbox)


@stateflow.entity
class Shop:
    def __init__(self, name: str):
        self.name = name

    def __key__(self):
        return self.name

    def sale(self, targets: list[Notifier], text: str) -> list[int]:
        return [target.notify(f"{self.name}: {text}") for target in targets]


def script(world):
    phone = world.create(Phone, "06")
    shop = world.create(Shop, "s")
    world.call(shop, "sale", [phone, Silent(), phone], "50%")
    world.get(phone, "inbox")
