"""A retry loop leaves its try by break and continue around remote calls that fail a few times."""

import stateflow


class Busy(Exception):
    pass


@stateflow.entity
class Line:
    def __init__(self, number, failures):
        self.number, self.failures = number, failures

    def __key__(self):
        return self.number

    def dial(self):
        if self.failures:
            self.failures -= 1
            raise Busy(self.failures)
        return "connected"


@stateflow.entity
class Caller:
    def __init__(self, name):
        self.name, self.attempts = name, 0

    def __key__(self):
        return self.name

    def call_until(self, line, limit):
        while True:
            try:
                self.attempts += 1
                answer = line.dial()
                break
            except Busy as busy:
                if self.attempts >= limit:
                    answer = f"gave up with {busy.args[0]} left"
                    break
                continue
            finally:
                print("attempt", self.attempts)
        return answer


def script(world):
    caller = world.create(Caller, "c")
    world.call(caller, "call_until", world.create(Line, 1, 2), 10)
    world.call(caller, "call_until", world.create(Line, 2, 20), 5)
    world.state(caller)
