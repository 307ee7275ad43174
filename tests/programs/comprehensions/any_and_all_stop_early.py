"""any and all over a generator of remote calls ask no more entities than needed."""

import stateflow


@stateflow.entity
class Voter:
    def __init__(self, name, opinion):
        self.name, self.opinion = name, opinion

    def __key__(self):
        return self.name

    def vote(self, motion):
        print("vote", self.name)
        return self.opinion == motion


@stateflow.entity
class Assembly:
    def __init__(self, town):
        self.town = town

    def __key__(self):
        return self.town

    def decide(self, voters, motion):
        return any(v.vote(motion) for v in voters), all(v.vote(motion) for v in voters), not any(v.vote("war") for v in voters)


def script(world):
    voters = [world.create(Voter, n, o) for n, o in (("a", "yes"), ("b", "no"), ("c", "yes"))]
    assembly = world.create(Assembly, "t")
    world.call(assembly, "decide", voters, "yes")
    world.call(assembly, "decide", voters, "no")
    world.call(assembly, "decide", [], "yes")
