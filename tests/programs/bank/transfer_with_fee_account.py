"""A transfer moves money between two accounts and a fee to a third, all or nothing."""

import stateflow

EXPECTED_ERRORS = ("Overdrawn",)


class Overdrawn(Exception):
    def __init__(self, account, by):
        super().__init__(account, by)
        self.by = by


@stateflow.entity
class Account:
    def __init__(self, iban: str, balance: int = 0):
        self.iban, self.balance = iban, balance

    def __key__(self):
        return self.iban

    def credit(self, amount: int) -> int:
        self.balance += amount
        return self.balance

    def debit(self, amount: int) -> int:
        self.balance -= amount
        if self.balance < 0:
            raise Overdrawn(self, -self.balance)
        return self.balance


@stateflow.entity
class Bank:
    def __init__(self, name: str, fees: Account):
        self.name, self.fees, self.transfers = name, fees, 0

    def __key__(self):
        return self.name

    def transfer(self, source: Account, target: Account, amount: int) -> tuple[int, int]:
        self.transfers += 1
        fee = self.fees.credit(1) and 1
        return target.credit(amount), source.debit(amount + fee)

    def try_transfer(self, source: Account, target: Account, amount: int):
        try:
            return self.transfer(source, target, amount)
        except Overdrawn as error:
            target.debit(amount)
            source.credit(amount + 1)
            return error.by, error.args[0] is source


def script(world):
    a, b, fees = world.create(Account, "a", 100), world.create(Account, "b"), world.create(Account, "fees")
    bank = world.create(Bank, "x", fees)
    world.call(bank, "transfer", a, b, 30)
    world.call(bank, "transfer", b, a, 30)
    world.call(bank, "try_transfer", b, a, 500)
    world.call(bank, "transfer", a, a, 10)
    world.state(bank)
