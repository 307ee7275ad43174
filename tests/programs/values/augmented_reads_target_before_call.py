"""In `x.total += call()` the old value is read before the call, so what the call adds is lost, as in CPython."""

import stateflow


@stateflow.entity
class Helper:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def push_back(self, account, amount):
        account.total += amount
        account.log.append(amount)
        return 1


@stateflow.entity
class Account:
    def __init__(self, owner):
        self.owner, self.total, self.log = owner, 0, []
        self.cells = [0, 0]

    def __key__(self):
        return self.owner

    def run(self, helper):
        self.total += helper.push_back(self, 10)
        self.cells[0] += helper.push_back(self, 5)
        self.log += [helper.push_back(self, 7)]
        return self.total, self.log

    def run_remote(self, helper, other):
        other.total += helper.push_back(other, 100)
        other.log += [helper.push_back(other, 50)]
        return other.total, other.log


def script(world):
    helper = world.create(Helper, "h")
    a, b = world.create(Account, "a"), world.create(Account, "b")
    world.call(a, "run", helper)
    world.call(a, "run_remote", helper, b)
    world.state(b)
