"""Methods of library objects that the module holds take what other entities answer; a missing one is found before the arguments."""

import decimal
import string

import stateflow

EXPECTED_ERRORS = ()
CONTEXT = decimal.Context(prec=3)
TEMPLATE = string.Template("$name costs $price")
NAMES = ["a", "tea"]
PRICES = {"tea": 3}
TEXT = "<{}>"


@stateflow.entity
class Item:
    def __init__(self, name, price):
        self.name, self.price, self.asked = name, price, 0

    def __key__(self):
        return self.name

    def ask(self):
        self.asked += 1
        return self.price


@stateflow.entity
class User:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def use(self, item: Item):
        part = CONTEXT.divide(decimal.Decimal(item.price), item.ask() + 2)
        return part, TEMPLATE.substitute(name=item.name, price=item.price), NAMES.index(item.name), PRICES.get(item.name, item.ask())

    def nest(self, item: Item):
        return TEXT.format(TEXT.format(item.name)), TEXT.join([item.name, "x"])

    def hide(self, item: Item):
        TEXT = "[{}]"
        return TEXT.format(item.name)

    def miss(self, item):
        try:
            return TEXT.nothing(item.ask())
        except AttributeError:
            return item.asked


def script(world):
    item, user = world.create(Item, "tea", 7), world.create(User, "u")
    for method in ("use", "nest", "hide", "miss"):
        world.call(user, method, item)
    world.state(item)
