"""A guard may be an entity with __bool__, a value pattern an attribute of an entity."""

import stateflow


@stateflow.entity
class Thing:
    def __init__(self, name, n):
        self.name, self.n, self.log = name, n, []

    def __key__(self):
        return self.name

    def __bool__(self):
        print("bool", self.name)
        return bool(self.n)

    def __eq__(self, o):
        print("eq", self.name)
        return self.n == (o.n if isinstance(o, Thing) else o)

    def __hash__(self):
        print("hash", self.name)
        return 7


@stateflow.entity
class User:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def guard(self, a, b, xs):
        found = []
        for thing in xs:
            match thing:
                case x if x:
                    found.append("true")
                case _:
                    found.append("false")
        return found

    def value(self, a, b, xs):
        match 3:
            case a.n:
                return "a"
            case b.n:
                return "b"
        return None

    def value_inside(self, a, b, xs):
        match [3, (0, 1)]:
            case [b.n, (a.n, last)]:
                return last
        return None

    def literal(self, a, b, xs):
        match b:
            case 4:
                return "four"
            case 3:
                return "three"


def script(world):
    a, b = world.create(Thing, "a", 0), world.create(Thing, "b", 3)
    user = world.create(User, "u")
    for method in ["guard", "value", "value_inside", "literal"]:
        world.call(user, method, a, b, [a, b, a])
    world.state(a)
    world.state(b)
