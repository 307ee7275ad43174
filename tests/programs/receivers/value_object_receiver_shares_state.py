"""A value object held by self is called between remote calls; it is not copied, and its methods reach entities."""

import stateflow


class Ledger:
    def __init__(self):
        self.entries = []

    def book(self, account, amount):
        self.entries.append((account.label(), amount))
        return len(self.entries)

    def total(self):
        return sum(amount for _, amount in self.entries)


@stateflow.entity
class Account:
    def __init__(self, number):
        self.number, self.asked = number, 0

    def __key__(self):
        return self.number

    def label(self):
        self.asked += 1
        return f"#{self.number}"


@stateflow.entity
class Bank:
    def __init__(self, name):
        self.name, self.ledger = name, Ledger()

    def __key__(self):
        return self.name

    def run(self, account):
        ledger = self.ledger
        entries = ledger.entries
        ledger.book(account, 10)
        account.label()
        self.ledger.book(account, -3)
        return entries, ledger is self.ledger, entries is self.ledger.entries, ledger.total()


def script(world):
    account = world.create(Account, 7)
    bank = world.create(Bank, "b")
    world.call(bank, "run", account)
    world.state(bank)
