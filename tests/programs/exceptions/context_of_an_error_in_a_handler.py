"""An exception raised in an except body has the handled one as its context, also with a call in between."""

import stateflow


@stateflow.entity
class Scale:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def weigh(self, thing):
        return float(thing)


@stateflow.entity
class Cook:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def mix(self, scale, things):
        try:
            try:
                return [scale.weigh(t) for t in things]
            except ValueError:
                scale.weigh("1")
                {}["flour"]
        except KeyError as error:
            context = error.__context__
            return error.args, type(context).__name__, str(context), error.__cause__, scale.weigh(2)


def script(world):
    scale = world.create(Scale, "s")
    cook = world.create(Cook, "c")
    world.call(cook, "mix", scale, ["1.5", "2"])
    world.call(cook, "mix", scale, ["1.5", "salt"])
