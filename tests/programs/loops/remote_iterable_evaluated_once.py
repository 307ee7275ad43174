"""The iterable of a for loop is asked for once; the loop runs over the copy it got."""

import stateflow


@stateflow.entity
class Roster:
    def __init__(self, team):
        self.team = team
        self.names = ["ann", "bob"]
        self.calls = 0

    def __key__(self):
        return self.team

    def members(self):
        self.calls += 1
        return self.names

    def join(self, name):
        self.names.append(name)


@stateflow.entity
class Coach:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def double(self, roster):
        for member in roster.members():
            roster.join(member.upper())
        for index, _ in enumerate(roster.names):
            roster.join(str(index))
        return roster.names, roster.calls


def script(world):
    roster = world.create(Roster, "ajax")
    coach = world.create(Coach, "rinus")
    world.call(coach, "double", roster)
    world.state(roster)
