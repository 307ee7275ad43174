"""Sequence and mapping patterns with captures, literals and dotted constants over values that hold entities."""

import stateflow


class Verb:
    MOVE = "move"
    DROP = "drop"


@stateflow.entity
class Robot:
    def __init__(self, name):
        self.name, self.at, self.carries = name, 0, ["box"]

    def __key__(self):
        return self.name

    def move(self, by):
        self.at += by
        return self.at


@stateflow.entity
class Console:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def run(self, command):
        match command:
            case (Verb.MOVE, Robot() as robot, int(by)):
                return robot.move(by)
            case (Verb.DROP, Robot(carries=[first, *_]) as robot, *_):
                robot.carries = []
                return "dropped", first
            case (Verb.DROP, Robot(), *_):
                return "nothing to drop"
            case {"all": [*robots], "by": by}:
                return [robot.move(by) for robot in robots]
            case (Verb.MOVE, *rest) if len(rest) != 2:
                return "bad", len(rest)
        return None


def script(world):
    robot = world.create(Robot, "r")
    other = world.create(Robot, "o")
    console = world.create(Console, "c")
    for command in (("move", robot, 3), ("drop", robot), ("drop", robot, 1), {"all": [robot, other], "by": 2}, ("move", other), "x"):
        world.call(console, "run", command)
    world.state(robot)
