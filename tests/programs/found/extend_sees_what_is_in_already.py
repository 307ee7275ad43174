"""A generator that fills a list or set sees what is in it already; what is in stays when it raises."""

import stateflow


@stateflow.entity
class Count:
    def __init__(self, name):
        self.name, self.n = name, 0

    def __key__(self):
        return self.name

    @classmethod
    def named(cls, k):
        return f"{cls.__name__}{k}"

    def add(self, k):
        self.n += k
        if self.n > 10:
            raise ValueError(self.n)
        return self.n


@stateflow.entity
class Filler:
    def __init__(self, name):
        self.name, self.kept, self.seen = name, [1], {1}

    def __key__(self):
        return self.name

    def fill(self, count, steps):
        self.kept.extend(count.add(k) + self.kept[-1] + len(self.kept) for k in steps)
        self.seen.update(count.add(0) + len(self.seen) for _ in steps)
        return self.kept, self.seen

    def fill_until(self, count, steps):
        try:
            self.kept.extend(count.add(k) + len(self.kept) for k in steps)
        except ValueError as error:
            return self.kept, error.args

    def name_of_gone(self, count):
        stateflow.delete(count)
        return count.named(3)


def script(world):
    count = world.create(Count, "c")
    filler = world.create(Filler, "f")
    world.call(filler, "fill", count, [1, 2, 3])
    world.call(filler, "fill_until", count, [1, 2, 3, 4])
    world.call(filler, "name_of_gone", count)
    world.state(filler)
