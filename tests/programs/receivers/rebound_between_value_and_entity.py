"""An untyped variable is rebound from a value to an entity and back in the course of one method."""

import stateflow


@stateflow.entity
class Store:
    def __init__(self, name):
        self.name, self.data = name, {}

    def __key__(self):
        return self.name

    def get(self, key, default=None):
        print("remote get", key)
        return self.data.get(key, default)

    def update(self, more):
        self.data.update(more)


@stateflow.entity
class Reader:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def layered(self, store, keys):
        found = []
        source = {"a": "local"}
        for key in keys:
            value = source.get(key)
            if value is None:
                source, old = store, source
                value = source.get(key, "default")
                source.update({key: "learned"})
                source = old
            found.append(value)
        return found


def script(world):
    store = world.create(Store, "s")
    reader = world.create(Reader, "r")
    world.call(reader, "layered", store, ["a", "b", "a", "b", "c"])
    world.get(store, "data")
