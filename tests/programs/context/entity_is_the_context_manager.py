"""An entity's __enter__ and __exit__ are called by `with`; an exit that answers True swallows the exception."""

import stateflow


@stateflow.entity
class Lock:
    def __init__(self, name, forgiving):
        self.name, self.forgiving, self.held, self.history = name, forgiving, False, []

    def __key__(self):
        return self.name

    def __enter__(self):
        self.held = True
        self.history.append("enter")
        return len(self.history)

    def __exit__(self, kind, error, trace):
        self.held = False
        self.history.append(kind.__name__ if kind else "clean")
        return self.forgiving


@stateflow.entity
class Thief:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def use(self, lock, bad):
        result = []
        try:
            with lock as count:
                result.append((count, lock.held))
                if bad:
                    raise PermissionError(self.name)
                result.append("body done")
            result.append("after")
        except PermissionError as error:
            result.append(error.args)
        return result, lock.held


def script(world):
    strict, kind = world.create(Lock, "strict", False), world.create(Lock, "kind", True)
    thief = world.create(Thief, "t")
    for lock in (strict, kind):
        world.call(thief, "use", lock, False)
        world.call(thief, "use", lock, True)
        world.get(lock, "history")
