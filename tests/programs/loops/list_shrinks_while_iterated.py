"""Removing from the list under a running loop skips what plain Python skips, also with a call in between."""

import stateflow


@stateflow.entity
class Judge:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def rejects(self, number):
        return number % 2 == 0


@stateflow.entity
class Contest:
    def __init__(self, title, entries):
        self.title, self.entries = title, entries

    def __key__(self):
        return self.title

    def weed(self, judge):
        seen = []
        for entry in self.entries:
            seen.append(entry)
            if judge.rejects(entry):
                self.entries.remove(entry)
        return seen, self.entries


def script(world):
    judge = world.create(Judge, "j")
    contest = world.create(Contest, "c", [2, 4, 6, 1, 8, 8, 3])
    world.call(contest, "weed", judge)
    world.call(contest, "weed", judge)
