"""Too few, too many and unknown arguments are TypeError, which the caller may catch."""

import stateflow


@stateflow.entity
class Oven:
    def __init__(self, name):
        self.name, self.heats = name, 0

    def __key__(self):
        return self.name

    def heat(self, degrees, minutes=1):
        self.heats += 1
        return degrees * minutes


@stateflow.entity
class Cook:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def try_all(self, oven):
        outcomes = []
        for args, kwargs in (((), {}), ((1, 2, 3), {}), ((1,), {"seconds": 1}), ((1,), {"minutes": 5}), ((1, 2), {"minutes": 2})):
            try:
                outcomes.append(oven.heat(*args, **kwargs))
            except TypeError as error:
                outcomes.append(str(error))
        return outcomes


def script(world):
    oven = world.create(Oven, "o")
    cook = world.create(Cook, "c")
    world.call(cook, "try_all", oven)
    world.get(oven, "heats")
