"""A module that a method imports is still there after a call of another entity."""

import textwrap

import stateflow


@stateflow.entity
class Item:
    def __init__(self, name, price):
        self.name, self.price = name, price

    def __key__(self):
        return self.name

    def worth(self):
        return self.price


@stateflow.entity
class User:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def import_module(self, item):
        import math

        price = item.price
        return math.sqrt(price * price)

    def import_under_another_name(self, item):
        import os.path as p

        price = str(item.price)
        return p.join("a", price), p.basename("x/y")

    def import_a_dotted_name(self, item):
        import os.path

        price = str(item.price)
        return os.path.join("a", price)

    def import_from_a_package(self, item):
        from collections import abc
        from math import floor

        price = item.price
        return floor(price / 2), isinstance([], abc.Sequence)

    def call_with_what_another_entity_answers(self, item):
        import textwrap
        from textwrap import indent as indented

        return textwrap.shorten(f"{item.name} is here", item.price + 4), indented(item.name, "> "), item.name

    def keep_functions_of_libraries(self, item):
        forms = {"cut": textwrap.dedent, "long": len, "method": item.worth.__name__}
        name = item.name
        return forms["cut"](f"  {name}"), forms["long"](name), forms["method"], item.worth.__self__ == item

    def import_in_a_loop(self, item):
        found = []
        for _ in range(2):
            import decimal as d

            found.append(d.Decimal(item.price) / 2)
        return found


def script(world):
    item = world.create(Item, "i", 5)
    user = world.create(User, "u")
    for method in ["import_module", "import_under_another_name", "import_a_dotted_name", "import_from_a_package", "import_in_a_loop"]:
        world.call(user, method, item)
    world.call(user, "call_with_what_another_entity_answers", item)
    world.call(user, "keep_functions_of_libraries", item)
    world.state(item)
    world.state(user)
