"""An exception of another entity has its own context, and at its end what the caller was handling: that very object."""

import stateflow


@stateflow.entity
class Box:
    def __init__(self, name, n):
        self.name, self.n = name, n

    def __key__(self):
        return self.name

    def fail(self, k):
        self.n += k
        raise ValueError(k)

    def fail_twice(self, k):
        try:
            {}["missing"]
        except KeyError:
            raise ValueError(self.n + k)

    def fail_of(self, other, k):
        try:
            other.fail_twice(k)
        except ValueError:
            return other.fail_twice(k + 1)

    def fail_from(self, k):
        try:
            raise OSError(k)
        except OSError as error:
            raise TypeError(k) from error


def chain(error):
    found = []
    while error is not None:
        found.append((type(error).__name__, error.args, type(error.__cause__).__name__))
        error = error.__context__
    return found


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def handled_is_kept(self, box):
        try:
            raise KeyError(1)
        except KeyError as first:
            try:
                box.fail(2)
            except ValueError as second:
                return chain(second), second.__context__ is first

    def own_context_comes_first(self, box):
        try:
            raise KeyError(1)
        except KeyError as first:
            try:
                box.fail_twice(2)
            except ValueError as second:
                return chain(second), second.__context__.__context__ is first

    def two_entities(self, box, other):
        try:
            raise KeyError(1)
        except KeyError as first:
            try:
                box.fail_of(other, 2)
            except ValueError as second:
                end = second
                while end.__context__ is not None and end.__context__ is not first:
                    end = end.__context__
                return chain(second), end.__context__ is first

    def cause(self, box):
        try:
            box.fail_from(1)
        except TypeError as error:
            return chain(error), chain(error.__cause__), error.__suppress_context__

    def nested(self, box):
        try:
            try:
                box.fail(1)
            except ValueError as error:
                raise KeyError(box.n) from error
        except KeyError as outer:
            try:
                box.fail_twice(2)
            except ValueError as inner:
                return chain(inner), chain(outer), outer.__cause__ is outer.__context__

    def reraised(self, box):
        try:
            try:
                box.fail_twice(1)
            except ValueError as error:
                box.n += 1
                raise
        except ValueError as error:
            return chain(error)

    def in_a_finally(self, box):
        try:
            try:
                box.fail(1)
            finally:
                box.fail_twice(2)
        except ValueError as error:
            return chain(error)

    def none_handled(self, box):
        try:
            box.fail(1)
        except ValueError:
            pass
        try:
            box.fail_twice(2)
        except ValueError as error:
            return chain(error)


def script(world):
    box = world.create(Box, "b", 3)
    other = world.create(Box, "o", 3)
    runner = world.create(Runner, "r")
    for name in ("handled_is_kept", "own_context_comes_first", "cause", "nested", "reraised", "in_a_finally", "none_handled"):
        world.call(runner, name, box)
    world.call(runner, "two_entities", box, other)
