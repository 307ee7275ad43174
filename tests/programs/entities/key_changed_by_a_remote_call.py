"""KeyChanged of a remote call can be caught where the call is; uncaught it undoes the whole root call."""

import stateflow
from stateflow.errors import KeyChanged

EXPECTED_ERRORS = ("KeyChanged",)


@stateflow.entity
class Tag:
    def __init__(self, code):
        self.code, self.prints = code, 0

    def __key__(self):
        return self.code

    def recode(self, code):
        self.code = code


@stateflow.entity
class Printer:
    def __init__(self, name):
        self.name, self.jobs = name, 0

    def __key__(self):
        return self.name

    def run(self, tag, code):
        self.jobs += 1
        tag.recode(code)
        return self.jobs

    def run_both(self, tag, code):
        try:
            tag.recode(code)
        except KeyChanged as error:
            tag.code = error.key
            return error.class_name, error.key


def script(world):
    tag = world.create(Tag, "a")
    printer = world.create(Printer, "p")
    world.call(printer, "run", tag, "b")
    world.call(printer, "run", tag, "a")
    world.state(printer)
    world.state(tag)
