"""Entities are created in arguments, conditions, comprehensions and f-strings and used at once."""

import stateflow


@stateflow.entity
class Badge:
    def __init__(self, holder, level=1):
        self.holder, self.level = holder, level

    def __key__(self):
        return self.holder

    def code(self, suffix=""):
        return f"{self.holder}-{self.level}{suffix}"


@stateflow.entity
class Office:
    def __init__(self, name):
        self.name, self.badges = name, {}

    def __key__(self):
        return self.name

    def issue(self, names):
        self.badges = {name: Badge(name, level=len(name)) for name in names}
        if Badge("temp").level < 2:
            text = f"{Badge('guest', 0).code('!')} and {Badge('boss', 9).code()}"
        return text, [b.code() for b in self.badges.values()], max(Badge("x", 3), *self.badges.values(), key=lambda b: b.level)


def script(world):
    office = world.create(Office, "hq")
    world.call(office, "issue", ["ann", "bo"])
    world.state(office)
    world.get(world.ref(Badge, "boss"), "level")
