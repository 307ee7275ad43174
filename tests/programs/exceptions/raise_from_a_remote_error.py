"""`raise ... from error` keeps the remote exception as the cause; `from None` drops it."""

import stateflow

EXPECTED_ERRORS = ("TransferFailed",)


class TransferFailed(Exception):
    pass


@stateflow.entity
class Branch:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def lookup(self, number):
        return {"1": "ann"}[number]


@stateflow.entity
class Teller:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def find(self, branch, number):
        try:
            return branch.lookup(number)
        except KeyError as error:
            raise TransferFailed(f"no account {number}") from error

    def find_quietly(self, branch, number):
        try:
            return branch.lookup(number)
        except KeyError:
            raise TransferFailed(branch.name) from None

    def inspect(self, branch):
        try:
            self.find(branch, "9")
        except TransferFailed as error:
            cause = error.__cause__
            return type(cause).__name__, cause.args, branch.name, error.__suppress_context__


def script(world):
    branch = world.create(Branch, "b")
    teller = world.create(Teller, "t")
    world.call(teller, "find", branch, "1")
    world.call(teller, "find", branch, "9")
    world.call(teller, "find_quietly", branch, "9")
    world.call(teller, "inspect", branch)
