"""An entity that gets itself back from elsewhere calls itself locally: nothing is copied on that call."""

import stateflow


@stateflow.entity
class Mailbox:
    def __init__(self, street, owner):
        self.street, self.owner = street, owner

    def __key__(self):
        return self.street

    def whose(self):
        return self.owner


@stateflow.entity
class Person:
    def __init__(self, name):
        self.name, self.letters, self.box = name, [], None

    def __key__(self):
        return self.name

    def install(self):
        self.box = Mailbox("main street", self)

    def append_to(self, letters):
        letters.append("x")
        return letters

    def check(self):
        me = self.box.whose()
        mine = []
        result = me.append_to(mine)
        me.letters.append("direct")
        return me is self, result is mine, mine, self.letters, me.letters is self.letters


def script(world):
    person = world.create(Person, "ann")
    world.call(person, "install")
    world.call(person, "check")
    world.state(person)
    world.get(world.ref(Mailbox, "main street"), "owner")
