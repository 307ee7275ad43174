"""break, continue and return inside a with block in a loop run the remote exit each time."""

import stateflow


@stateflow.entity
class Turnstile:
    def __init__(self, name):
        self.name, self.passes = name, 0

    def __key__(self):
        return self.name

    def __enter__(self):
        self.passes += 1
        return self.passes

    def __exit__(self, *details):
        self.passes += 100


@stateflow.entity
class Commuter:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def commute(self, turnstile, days):
        log = []
        for day in days:
            with turnstile as number:
                if day == "holiday":
                    continue
                if day == "strike":
                    break
                if day == "moving":
                    return log, "moved"
                log.append((day, number))
            log.append(turnstile.passes)
        return log, turnstile.passes


def script(world):
    turnstile = world.create(Turnstile, "t")
    commuter = world.create(Commuter, "c")
    world.call(commuter, "commute", turnstile, ["mon", "holiday", "tue"])
    world.call(commuter, "commute", turnstile, ["mon", "strike", "tue"])
    world.call(commuter, "commute", turnstile, ["moving", "tue"])
