"""The subject of match is asked for once; guards with remote calls are tried in order."""

import stateflow


@stateflow.entity
class Sensor:
    def __init__(self, name, values):
        self.name, self.values = name, values

    def __key__(self):
        return self.name

    def read(self):
        print("read")
        return self.values.pop(0)

    def allows(self, limit):
        print("allows", limit)
        return limit < 10


@stateflow.entity
class Logic:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def react(self, sensor):
        match sensor.read():
            case 0:
                return "zero"
            case int(n) if n > 100 and sensor.allows(n):
                return "never"
            case int() | float() as n if sensor.allows(n):
                return "small", n
            case [x, y, *rest] if sensor.allows(x + y):
                return "list", rest
            case {"kind": kind, **others}:
                return kind, others, sensor.name
            case None:
                return sensor.allows(0)
            case _:
                return "other"


def script(world):
    sensor = world.create(Sensor, "s", [0, 7, 2.5, 500, [1, 2, 3], [20, 30], {"kind": "k", "a": 1}, None, "text"])
    logic = world.create(Logic, "l")
    for _ in range(9):
        world.call(logic, "react", sensor)
