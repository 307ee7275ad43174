"""A conditional expression evaluates its remote test first and then only one of its remote arms."""

import stateflow


@stateflow.entity
class Lane:
    def __init__(self, number: int, cars: int):
        self.number, self.cars = number, cars

    def __key__(self):
        return self.number

    def enter(self) -> int:
        self.cars += 1
        return self.cars

    def leave(self) -> int:
        self.cars -= 1
        return self.cars


@stateflow.entity
class Gate:
    def __init__(self, road: str):
        self.road = road

    def __key__(self):
        return self.road

    def pass_through(self, a: Lane, b: Lane) -> tuple:
        used = a.enter() if a.cars < b.cars else (b.enter() if b.cars < 5 else "closed")
        return used, a.cars if used == "closed" else b.leave()


def script(world):
    a = world.create(Lane, 1, 0)
    b = world.create(Lane, 2, 1)
    gate = world.create(Gate, "A13")
    for _ in range(4):
        world.call(gate, "pass_through", a, b)
    world.state(a)
    world.state(b)
