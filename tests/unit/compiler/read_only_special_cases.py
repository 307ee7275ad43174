"""Methods in a world whose values have special methods that change them; named as in `read_only_cases`."""

import stateflow


class Tally:
    """A value with special methods that change it."""

    def __init__(self):
        self.count = 0

    def __add__(self, other):
        return self.count + other

    def __iadd__(self, other):
        self.count += other  # write
        return self

    def __setitem__(self, key, value):
        self.count = value  # write

    def __contains__(self, key):
        self.count += 1  # write
        return False


class Countdown:
    """An iterator of the user."""

    def __init__(self, start):
        self.left = start

    def __iter__(self):
        return self

    def __next__(self):
        self.left -= 1  # write
        if self.left < 0:
            raise StopIteration
        return self.left


@stateflow.entity
class Counter:
    def __init__(self, name, given):
        self.name = name
        self.tally = Tally()
        self.numbers = []
        self.given = given

    def __key__(self):
        return self.name

    def reads_builtin_list(self):
        return [n + 1 for n in self.numbers], 3 in self.numbers

    def reads_user_iterator(self):
        return [n + 1 for n in Countdown(3)]

    def reads_tally_sum(self):
        return self.tally + 1

    def reads_fresh_tally(self):
        tally = Tally()
        tally += 3
        tally[1] = 2
        return tally.count

    def writes_by_iadd(self):
        tally = self.tally
        tally += 1  # write

    def writes_by_contains(self):
        return 1 in self.tally  # write

    def writes_by_setitem_of_alias(self):
        tally = self.tally
        tally[1] = 2  # write

    def writes_by_iteration(self):
        return [n + 1 for n in self.given]
