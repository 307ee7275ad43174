"""break and continue after and before remote calls leave the right rounds undone."""

import stateflow


@stateflow.entity
class Belt:
    def __init__(self, line):
        self.line = line
        self.boxes = [3, 0, 8, 5, -1, 9]

    def __key__(self):
        return self.line

    def box(self, index):
        print("box", index)
        return self.boxes[index]


@stateflow.entity
class Robot:
    def __init__(self, model):
        self.model = model
        self.packed = []

    def __key__(self):
        return self.model

    def pack(self, belt):
        for index in range(6):
            if index == 3:
                continue
            weight = belt.box(index)
            if weight == 0:
                continue
            if weight < 0:
                break
            self.packed.append(weight)
        return index, self.packed


def script(world):
    belt = world.create(Belt, "l1")
    robot = world.create(Robot, "r2")
    world.call(robot, "pack", belt)
    world.state(robot)
