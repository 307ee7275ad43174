"""try statements inside except, else and finally bodies, each with remote calls that may fail."""

import stateflow


@stateflow.entity
class Store:
    def __init__(self, name, bad):
        self.name, self.bad, self.calls = name, bad, []

    def __key__(self):
        return self.name

    def get(self, key):
        self.calls.append(key)
        if key in self.bad:
            raise KeyError(key)
        return key * 2


@stateflow.entity
class Loader:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def load(self, store):
        log = []
        try:
            log.append(store.get("a"))
        except KeyError:
            try:
                log.append(store.get("b"))
            except KeyError as second:
                log.append(("b failed", second.args))
            else:
                log.append("b ok")
            finally:
                log.append(store.get("f"))
        else:
            try:
                log.append(store.get("c"))
            except KeyError:
                log.append("c failed")
        finally:
            try:
                log.append(store.get("d"))
            except KeyError:
                log.append("d failed")
        return log


def script(world):
    loader = world.create(Loader, "l")
    for name, bad in (("s1", ""), ("s2", "a"), ("s3", "ab"), ("s4", "cd"), ("s5", "abd")):
        store = world.create(Store, name, bad)
        world.call(loader, "load", store)
        world.get(store, "calls")
