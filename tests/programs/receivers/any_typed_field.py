"""A field typed Any holds an entity, then a value object, then a list; the same lines serve all."""

from typing import Any

import stateflow


class Counter:
    def __init__(self):
        self.n = 0

    def count(self, by: int) -> int:
        self.n += by
        return self.n


@stateflow.entity
class RemoteCounter:
    def __init__(self, name: str):
        self.name, self.n = name, 0

    def __key__(self):
        return self.name

    def count(self, by: int) -> int:
        self.n += by * 10
        return self.n


@stateflow.entity
class Meter:
    def __init__(self, name: str):
        self.name = name
        self.target: Any = Counter()

    def __key__(self):
        return self.name

    def use(self, target: Any) -> None:
        self.target = target

    def measure(self) -> Any:
        kept = self.target
        first = self.target.count(1)
        second = kept.count(2)
        return first, second, kept is self.target, self.target.n


def script(world):
    meter = world.create(Meter, "m")
    remote = world.create(RemoteCounter, "r")
    world.call(meter, "measure")
    world.call(meter, "use", remote)
    world.call(meter, "measure")
    world.call(meter, "use", Counter())
    world.call(meter, "measure")
    world.state(meter)
