"""An assert on a remote answer raises AssertionError with a message computed by another call, and undoes all."""

import stateflow

EXPECTED_ERRORS = ("AssertionError",)


@stateflow.entity
class Ledger:
    def __init__(self, name):
        self.name, self.total = name, 0

    def __key__(self):
        return self.name

    def add(self, x):
        self.total += x
        return self.total

    def describe(self):
        return f"{self.name}={self.total}"


@stateflow.entity
class Auditor:
    def __init__(self, name):
        self.name, self.checks = name, 0

    def __key__(self):
        return self.name

    def audit(self, ledger, amount):
        self.checks += 1
        assert ledger.add(amount) >= 0, ledger.describe()
        return ledger.total


def script(world):
    ledger = world.create(Ledger, "main")
    auditor = world.create(Auditor, "kpmg")
    world.call(auditor, "audit", ledger, 5)
    world.call(auditor, "audit", ledger, -9)
    world.state(auditor)
    world.state(ledger)
