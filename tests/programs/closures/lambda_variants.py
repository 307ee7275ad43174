"""Lambdas with defaults, stars and conditionals reach entities; they are called directly, stored and passed on."""

import stateflow


@stateflow.entity
class Engine:
    def __init__(self, name):
        self.name, self.runs = name, 0

    def __key__(self):
        return self.name

    def run(self, *args, **options):
        self.runs += 1
        return [*args, sorted(options), self.runs]


def apply(function, *args, **kwargs):
    return function(*args, **kwargs)


@stateflow.entity
class Driver:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def drive(self, engine):
        plain = lambda: engine.run()
        defaults = lambda a, b=engine.name: engine.run(a, b)
        starred = lambda *a, **k: engine.run(*a[::-1], **k)
        chooser = lambda flag: engine.run("yes") if flag else "no engine"
        return plain(), defaults(1), apply(starred, 1, 2, fast=True), chooser(0), chooser(1), (lambda f: f())(plain)


def script(world):
    engine = world.create(Engine, "v8")
    driver = world.create(Driver, "d")
    world.call(driver, "drive", engine)
    world.get(engine, "runs")
