"""A class method of an entity class creates an entity and a second request finds it by key."""

import stateflow


@stateflow.entity
class Member:
    def __init__(self, number, name):
        self.number, self.name = number, name

    def __key__(self):
        return self.number

    @classmethod
    def from_line(cls, line):
        number, name = line.split(",")
        return cls(int(number), name.strip())

    def greet(self):
        return f"hi {self.name}"


@stateflow.entity
class Club:
    def __init__(self, name):
        self.name, self.members = name, []

    def __key__(self):
        return self.name

    def enroll(self, lines):
        for line in lines:
            self.members.append(Member.from_line(line))
        return [member.greet() for member in self.members]

    def find(self, number):
        return Member.by_key(number).greet()


def script(world):
    club = world.create(Club, "chess")
    world.call(club, "enroll", ["1, ann", "2,bob"])
    world.call(club, "find", 2)
    world.get(club, "members")
