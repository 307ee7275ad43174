"""An __exit__ that raises replaces the body's exception; one that runs after a return keeps the value."""

import stateflow


@stateflow.entity
class Audit:
    def __init__(self, name):
        self.name, self.entries = name, []

    def __key__(self):
        return self.name

    def note(self, text):
        self.entries.append(text)
        if text == "explode":
            raise LookupError("audit")


class Scope:
    def __init__(self, audit, text):
        self.audit, self.text = audit, text

    def __enter__(self):
        self.audit.note("enter " + self.text)
        return self.text

    def __exit__(self, kind, error, trace):
        self.audit.note(self.text)


@stateflow.entity
class Desk:
    def __init__(self, number):
        self.number = number

    def __key__(self):
        return self.number

    def handle(self, audit, text, fail):
        try:
            with Scope(audit, text) as value:
                if fail:
                    raise ValueError("body")
                return value + "!"
        except Exception as error:
            return type(error).__name__, type(error.__context__).__name__


def script(world):
    audit = world.create(Audit, "a")
    desk = world.create(Desk, 1)
    for text in ("calm", "explode"):
        for fail in (False, True):
            world.call(desk, "handle", audit, text, fail)
    world.state(audit)
