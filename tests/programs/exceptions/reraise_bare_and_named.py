"""A bare raise after remote calls in the handler re-raises the same exception, with its attributes."""

import stateflow

EXPECTED_ERRORS = ("Denied",)


class Denied(Exception):
    def __init__(self, who, level):
        super().__init__(who)
        self.level = level


@stateflow.entity
class Log:
    def __init__(self, name):
        self.name, self.lines = name, []

    def __key__(self):
        return self.name

    def write(self, line):
        self.lines.append(line)
        return len(self.lines)


@stateflow.entity
class Vault:
    def __init__(self, name, log):
        self.name, self.log = name, log

    def __key__(self):
        return self.name

    def open(self, who):
        raise Denied(who, self.log.write(f"open {who}"))

    def guarded(self, who):
        try:
            self.open(who)
        except Denied as error:
            error.level += self.log.write("handled")
            raise

    def twice(self, who):
        try:
            self.guarded(who)
        except Denied as denied:
            first = denied
        try:
            raise first
        except Denied as second:
            return second is first, second.level, self.log.write("twice")


def script(world):
    log = world.create(Log, "l")
    vault = world.create(Vault, "v", log)
    world.call(vault, "guarded", "eve")
    world.call(vault, "twice", "bob")
    world.state(log)
