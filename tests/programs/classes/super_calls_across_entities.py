"""An overriding method calls super(), whose body calls another entity, between its own effects."""
import stateflow


@stateflow.entity
class Journal:
    def __init__(self, name: str):
        self.name = name
        self.lines: list[str] = []

    def __key__(self):
        return self.name

    def write(self, line: str) -> int:
        self.lines.append(line)
        return len(self.lines)


@stateflow.entity
class Machine:
    def __init__(self, serial: int, journal: Journal):
        self.serial = serial
        self.journal = journal
        self.steps = 0

    def __key__(self):
        return self.serial

    def run(self, times: int) -> int:
        self.steps += times
        return self.journal.write(f"{type(self).__name__} {self.steps}")


@stateflow.entity
class Press(Machine):
    def run(self, times: int) -> int:
        self.steps += 100
        line = super().run(times)
        self.steps += line
        return line * 2


def script(world):
    journal = world.create(Journal, "j")
    press = world.create(Press, 7, journal)
    plain = world.create(Machine, 7, journal)
    world.call(press, "run", 1)
    world.call(plain, "run", 1)
    world.call(press, "run", 2)
    world.state(press)
    world.state(journal)
