"""Two entities of different classes decide parity by calling each other down to zero."""

import stateflow


@stateflow.entity
class Even:
    def __init__(self, name):
        self.name, self.asked = name, 0

    def __key__(self):
        return self.name

    def is_even(self, n, odd):
        self.asked += 1
        return True if n == 0 else odd.is_odd(n - 1, self)


@stateflow.entity
class Odd:
    def __init__(self, name):
        self.name, self.asked = name, 0

    def __key__(self):
        return self.name

    def is_odd(self, n, even):
        self.asked += 1
        return n != 0 and even.is_even(n - 1, self)


def script(world):
    even, odd = world.create(Even, "e"), world.create(Odd, "o")
    world.call(even, "is_even", 6, odd)
    world.call(even, "is_even", 5, odd)
    world.call(odd, "is_odd", 3, even)
    world.get(even, "asked")
    world.get(odd, "asked")
