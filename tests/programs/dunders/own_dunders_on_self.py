"""Operators applied to self inside its own methods run locally, and those methods call others."""

import stateflow


@stateflow.entity
class Bank:
    def __init__(self, name):
        self.name, self.fees = name, 0

    def __key__(self):
        return self.name

    def fee(self, amount):
        self.fees += 1
        return amount // 10


@stateflow.entity
class Wallet:
    def __init__(self, owner, bank):
        self.owner, self.bank, self.amounts = owner, bank, [10, 20]

    def __key__(self):
        return self.owner

    def __len__(self):
        return len(self.amounts) + self.bank.fees

    def __getitem__(self, index):
        return self.amounts[index] - self.bank.fee(self.amounts[index])

    def __iadd__(self, amount):
        self.amounts.append(amount)
        return self

    def __contains__(self, amount):
        return amount in self.amounts or self.bank.fee(amount) in self.amounts

    def use(self):
        wallet = self
        wallet += 30
        total = sum(self[i] for i in range(len(self)))
        return total, len(self), 100 in self, 200 in self, self[-1], wallet is self


def script(world):
    bank = world.create(Bank, "b")
    wallet = world.create(Wallet, "w", bank)
    world.call(wallet, "use")
    world.state(wallet)
