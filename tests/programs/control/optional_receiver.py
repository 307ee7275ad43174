"""A receiver that may be None is asked only when it is an entity."""

from typing import Optional

import stateflow


@stateflow.entity
class Person:
    def __init__(self, name: str, boss: Optional["Person"] = None):
        self.name = name
        self.boss = boss
        self.salary = len(name) * 100

    def __key__(self):
        return self.name

    def raise_salary(self, percent: int) -> int:
        self.salary += self.salary * percent // 100
        return self.salary

    def boss_of_boss(self) -> Optional["Person"]:
        return self.boss.boss if self.boss is not None else None

    def raise_chain(self, percent: int) -> list[int]:
        result = [self.raise_salary(percent)]
        current = self.boss
        while current is not None:
            result.append(current.raise_salary(percent))
            current = current.boss
        return result


def script(world):
    ann = world.create(Person, "ann")
    bob = world.create(Person, "bobby", ann)
    cas = world.create(Person, "cas", boss=bob)
    world.call(cas, "boss_of_boss")
    world.call(ann, "boss_of_boss")
    world.call(cas, "raise_chain", 10)
    world.call(bob, "raise_chain", 50)
    world.get(cas, "boss")
