"""sorted and list.sort with remote key functions are stable, ascending and reversed."""


import stateflow


@stateflow.entity
class Athlete:
    def __init__(self, bib, time):
        self.bib, self.time = bib, time

    def __key__(self):
        return self.bib

    def finish(self, penalty):
        return self.time + penalty


@stateflow.entity
class Race:
    def __init__(self, name):
        self.name = name
        self.results = []

    def __key__(self):
        return self.name

    def rank(self, athletes):
        self.results = sorted(athletes, key=lambda a: a.finish(2))
        backwards = sorted(athletes, key=lambda a: (a.time, -a.bib), reverse=True)
        names = [a.bib for a in self.results]
        athletes.sort(key=lambda a: -a.time)
        return names, [a.bib for a in backwards], athletes, sorted(a.time for a in athletes)


def script(world):
    athletes = [world.create(Athlete, b, t) for b, t in ((1, 50), (2, 40), (3, 50), (4, 30))]
    race = world.create(Race, "100m")
    world.call(race, "rank", athletes)
    world.state(race)
