"""self is passed on, stored by others, returned, and compared; it stays the same entity all the way."""

import stateflow


@stateflow.entity
class Locker:
    def __init__(self, number):
        self.number, self.owner = number, None

    def __key__(self):
        return self.number

    def assign(self, owner):
        previous, self.owner = self.owner, owner
        return previous


@stateflow.entity
class Student:
    def __init__(self, name):
        self.name, self.locker = name, None

    def __key__(self):
        return self.name

    def rent(self, locker):
        previous = locker.assign(self)
        self.locker = locker
        if previous is not None and previous is not self:
            previous.evict(self)
        return previous, self, locker.owner is self

    def evict(self, by):
        self.locker = ("taken by", by)


def script(world):
    locker = world.create(Locker, 1)
    ann, bob = world.create(Student, "ann"), world.create(Student, "bob")
    world.call(ann, "rent", locker)
    world.call(ann, "rent", locker)
    world.call(bob, "rent", locker)
    world.state(ann)
