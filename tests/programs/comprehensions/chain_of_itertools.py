"""itertools.chain, islice, accumulate and groupby consume lists of remote answers."""

from itertools import accumulate, chain, groupby, islice

import stateflow


@stateflow.entity
class Branch:
    def __init__(self, city, sales):
        self.city, self.sales = city, sales

    def __key__(self):
        return self.city

    def history(self):
        return self.sales


@stateflow.entity
class Office:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def digest(self, branches):
        all_sales = list(chain(branches[0].history(), branches[1].history()))
        running = list(accumulate(all_sales))
        head = list(islice(branches[1].history(), 1, None))
        groups = [(key, len(list(part))) for key, part in groupby(branches[0].history())]
        return all_sales, running, head, groups


def script(world):
    branches = [world.create(Branch, "a", [1, 1, 2]), world.create(Branch, "b", [5, 6])]
    office = world.create(Office, "o")
    world.call(office, "digest", branches)
