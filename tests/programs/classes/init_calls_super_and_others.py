"""__init__ of a subclass calls super().__init__, which calls another entity to get a number."""

import stateflow


@stateflow.entity
class Numbering:
    def __init__(self, series):
        self.series, self.last = series, 0

    def __key__(self):
        return self.series

    def issue(self):
        self.last += 1
        return self.last


@stateflow.entity
class Paper:
    def __init__(self, numbering, title="untitled"):
        self.number = numbering.issue()
        self.title = title

    def __key__(self):
        return self.number


@stateflow.entity
class Thesis(Paper):
    def __init__(self, numbering, author):
        super().__init__(numbering, title=f"by {author}")
        self.copies = numbering.issue() if self.number > 1 else 0


@stateflow.entity
class Press:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def print_all(self, numbering, authors):
        return [(p.number, p.title, p.copies) for p in [Thesis(numbering, a) for a in authors]]


def script(world):
    numbering = world.create(Numbering, "2024")
    world.create(Paper, numbering)
    press = world.create(Press, "p")
    world.call(press, "print_all", numbering, ["ann", "bob"])
    world.get(numbering, "last")
