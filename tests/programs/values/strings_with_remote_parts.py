"""f-strings with nested specs, conversions and =, %-formatting, format and join of remote answers."""

import stateflow


@stateflow.entity
class City:
    def __init__(self, name, people):
        self.name, self.people = name, people

    def __key__(self):
        return self.name

    def width(self):
        print("width", self.name)
        return len(self.name) + 2

    def mood(self):
        return "calm"


@stateflow.entity
class Atlas:
    def __init__(self, edition):
        self.edition = edition

    def __key__(self):
        return self.edition

    def line(self, city):
        return (
            f"{city.name:>{city.width()}}|{city.people:,}|{city.mood()!r:^10}|{city.people=}"
            f"{{{city.width() + 1}}} {'big' if city.people > 1000 else 'small'}"
        )

    def others(self, city):
        return "%s:%d" % (city.mood(), city.people), "{0}-{w:03d}".format(city.name, w=city.width()), "+".join([city.name] * 2)


def script(world):
    city = world.create(City, "delft", 104000)
    atlas = world.create(Atlas, 1)
    world.call(atlas, "line", city)
    world.call(atlas, "others", city)
