"""vars and dir see another entity; the methods of object reach past what its class defines, and keep the key as it is."""

import stateflow

EXPECTED_ERRORS = ("AttributeError",)


@stateflow.entity
class Item:
    def __init__(self, name, price):
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "price", price)
        object.__setattr__(self, "tags", ["new"])

    def __key__(self):
        return self.name

    def __setattr__(self, name, value):
        raise AttributeError(f"{name} is read only")

    def __repr__(self):
        return "an item"


@stateflow.entity
class Shop:
    def __init__(self, name):
        self.name, self.seen = name, []

    def __key__(self):
        return self.name

    def look(self, item: Item):
        self.seen.append(sorted(vars(item)))
        mine = vars(self)
        mine["extra"] = len(self.seen)
        return vars(item), vars(item)["tags"] is vars(item)["tags"], [n for n in dir(item) if not n.startswith("_")], self.extra

    def look_untyped(self, item):
        return vars(item), "price" in dir(item), [n for n in dir(self) if n == "seen"], dir([1]) == dir([2])

    def force(self, item: Item):
        object.__setattr__(item, "price", 5)
        tags = object.__getattribute__(item, "tags")
        tags.append("mine")
        object.__delattr__(item, "tags")
        return item.price, object.__repr__(item) == repr(item), tags

    def refuse(self, item: Item):
        item.price = 9

    def missing(self, item: Item):
        return object.__getattribute__(item, "nothing")


def script(world):
    item, shop = world.create(Item, "tea", 3), world.create(Shop, "s")
    world.call(shop, "look", item)
    world.call(shop, "look_untyped", item)
    world.call(shop, "force", item)
    world.call(shop, "refuse", item)
    world.call(shop, "missing", item)
    world.state(item)
    world.state(shop)
