"""A loop adds remote answers to a local, an attribute, an item and an entry of a shared dict."""

from collections import defaultdict

import stateflow


@stateflow.entity
class Poll:
    def __init__(self, district, votes):
        self.district, self.votes = district, votes

    def __key__(self):
        return self.district

    def count(self, party):
        return self.votes.get(party, 0)


@stateflow.entity
class Bureau:
    def __init__(self, year):
        self.year = year
        self.total = 0
        self.by_party = defaultdict(int)

    def __key__(self):
        return self.year

    def tally(self, polls, parties):
        seats = [0] * len(parties)
        result = self.by_party
        grand = 0
        for poll in polls:
            for index, party in enumerate(parties):
                self.by_party[party] += poll.count(party)
                seats[index] += poll.count(party) // 2
                self.total += poll.count(party)
                grand -= poll.count(party)
        return seats, grand, dict(result), result is self.by_party


def script(world):
    north = world.create(Poll, "n", {"red": 5, "blue": 2})
    south = world.create(Poll, "s", {"blue": 9})
    bureau = world.create(Bureau, 2023)
    world.call(bureau, "tally", [north, south], ["red", "blue", "green"])
    world.state(bureau)
