"""A set comprehension over remote answers merges equal ones; a set of references too."""

import stateflow


@stateflow.entity
class Bird:
    def __init__(self, ring, species):
        self.ring, self.species = ring, species
        self.sightings = 0

    def __key__(self):
        return self.ring

    def spot(self):
        self.sightings += 1
        return self.species


@stateflow.entity
class Birder:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def species(self, birds):
        kinds = {bird.spot() for bird in birds}
        birds_seen = {bird for bird in birds if bird.spot() in kinds and bird.sightings > 1}
        return kinds, birds_seen, len(birds_seen)


def script(world):
    a, b = world.create(Bird, 1, "wren"), world.create(Bird, 2, "wren")
    c = world.create(Bird, 3, "owl")
    birder = world.create(Birder, "b")
    world.call(birder, "species", [a, b, c, a])
    world.get(a, "sightings")
