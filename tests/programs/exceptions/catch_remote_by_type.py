"""Except clauses are tried in order, by class, base class and tuple, for what another entity raises."""

import stateflow


class ShopError(Exception):
    pass


class SoldOut(ShopError):
    pass


class Closed(ShopError):
    pass


@stateflow.entity
class Bakery:
    def __init__(self, name):
        self.name, self.mood = name, "fine"

    def __key__(self):
        return self.name

    def sell(self, mood):
        self.mood = mood
        if mood == "sold out":
            raise SoldOut("bread", 3)
        if mood == "closed":
            raise Closed
        if mood == "index":
            return [][1]
        if mood == "zero":
            return 1 // 0
        return mood


@stateflow.entity
class Customer:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def visit(self, bakery, mood):
        try:
            bread = bakery.sell(mood)
        except SoldOut as error:
            return "sold out", error.args, bakery.mood
        except (IndexError, KeyError) as error:
            return type(error).__name__, str(error)
        except ShopError as error:
            return "shop", repr(error)
        except Exception:
            return "other", bakery.mood
        else:
            return bread, bakery.mood


def script(world):
    bakery = world.create(Bakery, "b")
    customer = world.create(Customer, "c")
    for mood in ("fine", "sold out", "closed", "index", "zero"):
        world.call(customer, "visit", bakery, mood)
    world.state(bakery)
