"""An object of the module without attributes is known by being itself: it stays itself in states, frames, arguments and replies."""

import stateflow


class Missing:
    def __repr__(self):
        return "MISSING"

    def __bool__(self):
        return False


MISSING = Missing()
OTHER = Missing()


@stateflow.entity
class Item:
    def __init__(self, name, price=MISSING):
        self.name, self.price = name, price

    def __key__(self):
        return self.name

    def is_free(self, wanted=MISSING):
        return self.price is MISSING, wanted is MISSING, wanted is OTHER, wanted


@stateflow.entity
class User:
    def __init__(self, name):
        self.name, self.seen = name, MISSING

    def __key__(self):
        return self.name

    def look(self, item: Item):
        mine, made = MISSING, Missing()
        first = item.is_free(mine)
        second = item.is_free(OTHER)
        before = self.seen is MISSING
        self.seen = [mine, OTHER]
        price = item.price
        return first[:3], second[:3], mine is MISSING, made is MISSING, before, self.seen[0] is MISSING, self.seen[1] is OTHER, price is MISSING


def script(world):
    item, user = world.create(Item, "i"), world.create(User, "u")
    world.call(user, "look", item)
    world.call(user, "look", item)
    world.call(item, "is_free")
