"""Positional, keyword, starred and double-starred arguments are evaluated left to right around remote calls."""

import stateflow


@stateflow.entity
class Ticket:
    def __init__(self, desk):
        self.desk = desk
        self.next = 0

    def __key__(self):
        return self.desk

    def take(self):
        self.next += 1
        return self.next

    def many(self, count):
        return [self.take() for _ in range(count)]

    def named(self, *names):
        return {name: self.take() for name in names}

    def bundle(self, a, b, *rest, c, d=None, **others):
        return [a, b, rest, c, d, others]


@stateflow.entity
class Visitor:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def visit(self, desk):
        return desk.bundle(desk.take(), desk.take(), *desk.many(2), desk.take(), d=desk.take(), **desk.named("c", "e"))


def script(world):
    desk = world.create(Ticket, "a")
    visitor = world.create(Visitor, "v")
    world.call(visitor, "visit", desk)
    world.call(visitor, "visit", desk)
