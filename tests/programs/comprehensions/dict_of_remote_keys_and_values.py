"""A dict comprehension evaluates the key before the value, and a later equal key wins."""

import stateflow


@stateflow.entity
class Sample:
    def __init__(self, tag, kind, mass):
        self.tag, self.kind, self.mass = tag, kind, mass

    def __key__(self):
        return self.tag

    def classify(self):
        print("kind", self.tag)
        return self.kind

    def weigh(self):
        print("mass", self.tag)
        return self.mass


@stateflow.entity
class Lab:
    def __init__(self, name):
        self.name = name
        self.samples = []

    def __key__(self):
        return self.name

    def add(self, sample):
        self.samples.append(sample)

    def report(self):
        return {s.classify(): s.weigh() for s in self.samples}

    def by_entity(self):
        return {s: {s.kind: [s.mass]} for s in self.samples if s.mass != 2}


def script(world):
    lab = world.create(Lab, "l")
    for tag, kind, mass in ((1, "ore", 5), (2, "sand", 2), (3, "ore", 7)):
        world.call(lab, "add", world.create(Sample, tag, kind, mass))
    world.call(lab, "report")
    world.call(lab, "by_entity")
