"""Lists and tuples ask what they are filled from for its length first; sets, dicts and loops do not."""

import stateflow

EXPECTED_ERRORS = ("TypeError",)


@stateflow.entity
class Box:
    def __init__(self, name, items):
        self.name, self.items = name, items

    def __key__(self):
        return self.name

    def __len__(self):
        print("len", end=" ")
        return len(self.items)

    def __iter__(self):
        print("iter", end=" ")
        return iter(self.items)

    def __getitem__(self, k):
        print("item", k, end=" ")
        return self.items[k]


@stateflow.entity
class Sequence:
    def __init__(self, name, items):
        self.name, self.items = name, items

    def __key__(self):
        return self.name

    def __len__(self):
        print("len", end=" ")
        if len(self.items) > 3:
            raise TypeError("too many")
        return len(self.items)

    def __getitem__(self, k):
        print("item", k, end=" ")
        return self.items[k]


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def lists(self, b):
        return list(b), [*b], [0, *b, 1], [*b, *b], sorted(b), sorted(b, key=lambda x: -x), [9] + list(b)

    def tuples(self, b):
        return tuple(b), (*b,), max(*b), tuple([*b, 1])

    def sets(self, b):
        return set(b), frozenset(b), {*b}, {0, *b}, {1}.union(b), {1}.isdisjoint(b), {7}.isdisjoint(b), {1}.issubset(b), dict.fromkeys(b)

    def backwards(self, b):
        return list(reversed(b)), tuple(reversed(b)), [*reversed(b)], set(reversed(b)), sorted(reversed(b)), list(zip(reversed(b), b))

    def iterators(self, b):
        return list(iter(b)), tuple(iter(b)), list(enumerate(b)), list(zip(b, b)), list(map(str, b)), sum(b), max(b), 2 in b, 9 in b

    def calls(self, b):
        return (lambda *a: a)(*b), (lambda *a: a)(*b, 1), print(*b)

    def unpacked(self, b):
        x, *y = b
        *v, w = b
        return x, y, v, w

    def assigned(self, b):
        out = [1, 2]
        out[1:] = b
        out += b
        out.extend(b)
        return out

    def begun(self, b):
        backwards, forwards = reversed(b), iter(b)
        first = next(backwards), next(forwards)
        return first, list(backwards), list(backwards), list(forwards), list(forwards)


def script(world):
    box = world.create(Box, "b", [1, 2, 3])
    few = world.create(Sequence, "few", [1, 2, 3])
    many = world.create(Sequence, "many", [1, 2, 3, 4])
    runner = world.create(Runner, "r")
    for name in "lists tuples sets backwards iterators calls unpacked assigned begun".split():
        for entity in (box, few, many):
            world.call(runner, name, entity)
