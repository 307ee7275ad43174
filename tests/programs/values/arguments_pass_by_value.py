"""A callee that changes its argument changes a copy; two names for one list among the arguments stay one list."""
import stateflow


@stateflow.entity
class Sorter:
    def __init__(self, name):
        self.name = name
        self.last = None

    def __key__(self):
        return self.name

    def arrange(self, numbers):
        numbers.sort()
        self.last = numbers
        return numbers

    def extend_first(self, first, second):
        first.append("x")
        return second, first is second


@stateflow.entity
class Owner:
    def __init__(self, name):
        self.name = name
        self.numbers = [3, 1, 2]

    def __key__(self):
        return self.name

    def delegate(self, sorter):
        result = sorter.arrange(self.numbers)
        result.append(99)
        return self.numbers, result

    def aliased(self, sorter):
        shared = [1]
        answer = sorter.extend_first(shared, shared)
        other = sorter.extend_first(shared, [1])
        return answer, other, shared


def script(world):
    sorter = world.create(Sorter, "s")
    owner = world.create(Owner, "o")
    world.call(owner, "delegate", sorter)
    world.call(owner, "aliased", sorter)
    world.state(sorter)
