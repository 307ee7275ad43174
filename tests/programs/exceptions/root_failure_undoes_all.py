"""An exception that leaves the root call undoes what it did in every entity; one that is caught undoes nothing."""
import stateflow

EXPECTED_ERRORS = ("InsufficientFunds",)


class InsufficientFunds(Exception):
    def __init__(self, missing):
        super().__init__(f"{missing} short")
        self.missing = missing


@stateflow.entity
class Account:
    def __init__(self, owner, balance):
        self.owner = owner
        self.balance = balance
        self.log = []

    def __key__(self):
        return self.owner

    def deposit(self, amount):
        self.balance += amount
        self.log.append(amount)

    def withdraw(self, amount):
        self.log.append(-amount)
        if amount > self.balance:
            raise InsufficientFunds(amount - self.balance)
        self.balance -= amount

    def pay(self, other, amount):
        other.deposit(amount)
        self.withdraw(amount)

    def pull(self, other, amount):
        self.deposit(1)
        try:
            other.withdraw(amount)
        except InsufficientFunds as error:
            return error.missing
        return 0


def script(world):
    ann = world.create(Account, "ann", 10)
    bob = world.create(Account, "bob", 0)
    world.call(ann, "pay", bob, 4)
    world.call(ann, "pay", bob, 40)
    world.call(ann, "pull", bob, 7)
    world.state(ann)
    world.state(bob)
