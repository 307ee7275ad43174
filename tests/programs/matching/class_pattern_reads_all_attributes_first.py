"""A class pattern reads all its remote attributes before it tests one, and refuses one attribute twice."""
import stateflow


@stateflow.entity
class Gauge:
    __match_args__ = ("first", "second")

    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    @property
    def first(self):
        print("first")
        return 1

    @property
    def second(self):
        print("second")
        return 2

    @property
    def broken(self):
        raise ValueError("broken")


@stateflow.entity
class Reader:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def in_order(self, gauge):
        match gauge:
            case Gauge(5, second=value):
                return value
            case Gauge(first=2, missing=1):
                return "missing"
            case Gauge(first=value):
                return value

    def raising(self, gauge):
        match gauge:
            case Gauge(first=2, broken=1):
                return "never"
        return "never"

    def twice(self, gauge):
        match gauge:
            case Gauge(1, first=1):
                return "never"

    def too_many(self, gauge):
        match gauge:
            case Gauge(1, 2, 3):
                return "never"

    def in_a_sequence(self, gauge):
        match [gauge, gauge]:
            case [Gauge(first=2), Gauge(first=1)]:
                return "never"
            case [Gauge(first=1), Gauge(second=1 as value) | Gauge(second=value)]:
                return value


EXPECTED_ERRORS = ["ValueError", "TypeError"]


def script(world):
    gauge = world.create(Gauge, "g")
    reader = world.create(Reader, "r")
    for method in ("in_order", "raising", "twice", "too_many", "in_a_sequence"):
        world.call(reader, method, gauge)
