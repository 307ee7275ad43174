"""The caller iterates its own list while a callee calls back and adds to it; the loop sees the additions."""

import stateflow


@stateflow.entity
class Guest:
    def __init__(self, name, brings):
        self.name, self.brings = name, brings

    def __key__(self):
        return self.name

    def arrive(self, party):
        for friend in self.brings:
            party.invite(friend)
        return len(self.brings)


@stateflow.entity
class Party:
    def __init__(self, place):
        self.place, self.guests = place, []

    def __key__(self):
        return self.place

    def invite(self, name):
        if name not in self.guests:
            self.guests.append(name)

    def open(self):
        counts = []
        for name in self.guests:
            counts.append((name, Guest.by_key(name).arrive(self), len(self.guests)))
        return counts


def script(world):
    for name, brings in (("ann", ["bob", "cas"]), ("bob", ["ann", "dee"]), ("cas", []), ("dee", ["cas"])):
        world.create(Guest, name, brings)
    party = world.create(Party, "home")
    world.call(party, "invite", "ann")
    world.call(party, "open")
    world.state(party)
