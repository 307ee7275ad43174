"""An Optional answer is narrowed by `if not`, `is None`, walrus and `or` before it is used."""

from typing import Optional

import stateflow


@stateflow.entity
class Employee:
    def __init__(self, name: str, manager: Optional["Employee"], budget: int):
        self.name, self.manager, self.budget = name, manager, budget

    def __key__(self):
        return self.name

    def get_manager(self) -> Optional["Employee"]:
        return self.manager

    def spend(self, amount: int) -> bool:
        if amount > self.budget:
            return False
        self.budget -= amount
        return True


@stateflow.entity
class Procurement:
    def __init__(self, name: str):
        self.name = name

    def __key__(self):
        return self.name

    def approve(self, who: Employee, amount: int) -> str:
        if who.spend(amount):
            return who.name
        if (manager := who.get_manager()) is None:
            return "nobody"
        top = manager.get_manager() or manager
        if not manager.spend(amount):
            return f"top {top.name}" if top.spend(amount) else "refused"
        return f"manager {manager.name}"


def script(world):
    ceo = world.create(Employee, "ceo", None, 1000)
    boss = world.create(Employee, "boss", ceo, 100)
    dev = world.create(Employee, "dev", boss, 10)
    procurement = world.create(Procurement, "p")
    for who, amount in ((dev, 5), (dev, 50), (dev, 500), (ceo, 5000), (boss, 700), (dev, 400)):
        world.call(procurement, "approve", who, amount)
