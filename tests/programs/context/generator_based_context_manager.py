"""A contextlib.contextmanager function that calls an entity before and after its yield."""

from contextlib import contextmanager

import stateflow


@stateflow.entity
class Account:
    def __init__(self, owner):
        self.owner, self.holds = owner, []

    def __key__(self):
        return self.owner

    def hold(self, amount):
        self.holds.append(amount)
        return len(self.holds)

    def free(self, amount):
        self.holds.remove(amount)


@contextmanager
def held(account, amount):
    number = account.hold(amount)
    try:
        yield number
    finally:
        account.free(amount)


@stateflow.entity
class Hotel:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def stay(self, account, nights):
        with held(account, nights * 10) as number:
            during = account.holds
            if nights > 3:
                return "long", during
        return number, during, account.holds


def script(world):
    account = world.create(Account, "ann")
    hotel = world.create(Hotel, "ritz")
    world.call(hotel, "stay", account, 2)
    world.call(hotel, "stay", account, 5)
    world.get(account, "holds")
