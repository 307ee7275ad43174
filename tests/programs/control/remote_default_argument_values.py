"""Default values of parameters apply to local, nested and remote calls; None defaults are filled by a remote call."""

import stateflow


@stateflow.entity
class Settings:
    def __init__(self, name):
        self.name = name
        self.values = {"size": 3}

    def __key__(self):
        return self.name

    def lookup(self, key, default=7):
        return self.values.get(key, default)


@stateflow.entity
class Window:
    def __init__(self, title, settings):
        self.title, self.settings = title, settings

    def __key__(self):
        return self.title

    def resize(self, width=None, height=4, *, scale=2):
        if width is None:
            width = self.settings.lookup("size")
        return width * scale, height * scale

    def layout(self):
        def cell(size=self.settings.lookup("size"), margin=self.settings.lookup("margin")):
            return size + margin

        self.settings.values
        return cell(), cell(10), cell(margin=0), self.resize(scale=self.settings.lookup("scale", 1))


def script(world):
    settings = world.create(Settings, "s")
    window = world.create(Window, "w", settings)
    world.call(window, "resize")
    world.call(window, "resize", 1, scale=10)
    world.call(window, "layout")
