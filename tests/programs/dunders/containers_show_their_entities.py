"""Text of containers, `%`, str.format and print ask entities for __str__, __repr__ and __format__, in CPython's order."""

import stateflow

EXPECTED_ERRORS = {"TypeError"}


@stateflow.entity
class Thing:
    def __init__(self, name, n):
        self.name, self.n, self.log = name, n, []

    def __key__(self):
        return self.name

    def __str__(self):
        print("str", self.name)
        return f"S{self.n}"

    def __repr__(self):
        print("repr", self.name)
        return f"R{self.n}"

    def __format__(self, spec):
        return f"F{self.n}{spec}"


@stateflow.entity
class User:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def containers(self, a, b, xs):
        return str([a, b]), repr((a,)), str({1: a, 2: [b]}), str({"k": (a, b)}), repr([[a], []])

    def circle(self, a, b, xs):
        ys = [a]
        ys.append(ys)
        return repr(ys)

    def printed(self, a, b, xs):
        print(a, b, sep="+")
        print([a, b], end="!\n")
        print(*xs)
        print()

    def fstrings(self, a, b, xs):
        return f"{[a]}", f"{a!a:>5}", f"{(a, b)!r}", f"{a=}", ascii(b)

    def percent(self, a, b, xs):
        return "%s %r" % (a, b), "%s" % a, "%5s|%-4r|%d%%" % (a, b, 3), "%(x)s" % {"x": a}, "%s" % [b]

    def percent_too_many(self, a, b, xs):
        return "none" % a

    def percent_too_few(self, a, b, xs):
        return "%s %s" % (a,)

    def format(self, a, b, xs):
        return "{} {!r} {:x}".format(a, b, a), "{x.n}{y[0]}".format(x=b, y=xs), "{1}{0}{1!s:>4}".format(a, b)

    def format_map(self, a, b, xs):
        return "{a:>{width}}".format_map({"a": a, "width": 4})

    def joined(self, a, b, xs):
        return ",".join(map(str, xs)), ",".join(str(x) for x in xs), ",".join([repr(x) for x in xs])


def script(world):
    a, b = world.create(Thing, "a", 0), world.create(Thing, "b", 3)
    user = world.create(User, "u")
    for method in ["containers", "circle", "printed", "fstrings", "percent", "percent_too_many", "percent_too_few", "format", "format_map", "joined"]:
        world.call(user, method, a, b, [a, b, a])
    world.state(a)
    world.state(b)
