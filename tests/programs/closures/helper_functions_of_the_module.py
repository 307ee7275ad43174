"""Module functions that call entities, each other and themselves run as code of the calling entity."""

import stateflow

RATE = 3


def charge(account, amount):
    fee = fee_of(account, amount)
    account.take(amount + fee)
    return fee


def fee_of(account, amount, *, minimum=1):
    if account.is_rich(amount):
        return minimum
    return max(minimum, amount // RATE)


def charge_all(accounts, amount):
    if not accounts:
        return []
    head, *tail = accounts
    return [charge(head, amount)] + charge_all(tail, amount + 1)


def record(log, entry):
    log.append(entry)
    return log


@stateflow.entity
class Account:
    def __init__(self, owner, money):
        self.owner, self.money = owner, money

    def __key__(self):
        return self.owner

    def take(self, amount):
        self.money -= amount

    def is_rich(self, amount):
        return self.money > amount * 10


@stateflow.entity
class Collector:
    def __init__(self, name):
        self.name, self.log = name, []

    def __key__(self):
        return self.name

    def collect(self, accounts):
        fees = charge_all(accounts, 9)
        same = record(self.log, sum(fees))
        return fees, same is self.log


def script(world):
    accounts = [world.create(Account, n, m) for n, m in (("a", 500), ("b", 50), ("c", 5))]
    collector = world.create(Collector, "c")
    world.call(collector, "collect", accounts)
    world.call(collector, "collect", accounts[1:])
    world.state(collector)
    world.state(accounts[1])
