"""len, in, subscripts, item assignment and del on a remote entity call its container dunders in order."""

import stateflow


@stateflow.entity
class Warehouse:
    def __init__(self, city):
        self.city, self.goods = city, {"nut": 5, "bolt": 2}

    def __key__(self):
        return self.city

    def __len__(self):
        print("len")
        return len(self.goods)

    def __contains__(self, name):
        print("contains", name)
        return name in self.goods

    def __getitem__(self, name):
        print("get", name)
        return self.goods[name]

    def __setitem__(self, name, amount):
        print("set", name, amount)
        self.goods[name] = amount

    def __delitem__(self, name):
        print("del", name)
        del self.goods[name]


@stateflow.entity
class Keeper:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def shift(self, w):
        w["nut"] += w["bolt"]
        if "screw" not in w and "nut" in w:
            w["screw"] = len(w)
        a, w["pair"] = 1, (w["nut"], w["screw"])
        del w["bolt"]
        return w["pair"], len(w), a


def script(world):
    warehouse = world.create(Warehouse, "d")
    keeper = world.create(Keeper, "k")
    world.call(keeper, "shift", warehouse)
    world.state(warehouse)
