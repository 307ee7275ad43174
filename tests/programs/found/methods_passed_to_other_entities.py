"""A method of an entity is a value that another entity may call, keep and give back; back home it is an ordinary method again."""

import functools

import stateflow


@stateflow.entity
class Box:
    def __init__(self, name, n):
        self.name, self.n, self.kept = name, n, None

    def __key__(self):
        return self.name

    def add(self, k):
        self.n += k
        return self.n

    def push(self, values):
        values.append(self.n)
        return values

    def apply(self, function, *args):
        return function(*args), self.n

    def applied(self, function, values):
        return [function(v) for v in values], sorted(values, key=function), list(map(function, values))

    def push_by(self, function):
        values = [0]
        return function(values) is values, values

    def keep(self, function):
        self.kept = function
        return function

    def call_kept(self, k):
        return self.kept(k)


@stateflow.entity
class Crate(Box):
    def add(self, k):
        return super().add(k * 10)

    def upper(self):
        return super().add


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name, self.log = name, []

    def __key__(self):
        return self.name

    def note(self, k):
        self.log.append(k)
        return k + 1

    def own(self, box, crate):
        return box.apply(self.note, 4), box.applied(self.note, [3, 1]), box.apply(functools.partial(self.note, 7)), self.log

    def third(self, box, crate):
        return box.apply(crate.add, 1), crate.apply(box.add, 2), box.applied(crate.add, [2, 1]), crate.n

    def home(self, box, crate):
        return box.push_by(box.push), crate.push_by(box.push), box.apply(box.add, 3)

    def kept(self, box, crate):
        given = box.keep(self.note)
        crate.keep(box.add)
        box.kept, crate.kept = crate.kept, self.note
        answers = given(1), box.call_kept(5), crate.call_kept(6), self.log, box.n, given == self.note
        box.kept = crate.kept = None
        return answers

    def base(self, box, crate):
        upper = crate.upper()
        return upper(1), box.apply(upper, 2), crate.apply(upper, 3), crate.n


def script(world):
    box = world.create(Box, "b", 3)
    crate = world.create(Crate, "c", 5)
    runner = world.create(Runner, "r")
    for name in ("own", "third", "home", "kept", "base"):
        world.call(runner, name, box, crate)
    world.state(runner)
    world.state(box)
