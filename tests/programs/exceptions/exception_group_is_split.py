"""except* splits a group of exceptions that remote calls raised, and the handlers call on."""

import stateflow


@stateflow.entity
class Check:
    def __init__(self, name, failure):
        self.name, self.failure = name, failure

    def __key__(self):
        return self.name

    def run(self):
        if self.failure:
            raise self.failure
        return self.name


@stateflow.entity
class Suite:
    def __init__(self, name):
        self.name, self.seen = name, []

    def __key__(self):
        return self.name

    def gather_errors(self, checks):
        errors = []
        for check in checks:
            try:
                self.seen.append(check.run())
            except Exception as error:
                errors.append(error)
        if errors:
            raise ExceptionGroup("failed", errors)

    def run(self, checks):
        handled = []
        try:
            self.gather_errors(checks)
        except ExceptionGroup as group:
            matched, rest = group.split(ValueError)
            handled.append(matched and len(matched.exceptions))
            handled.append([type(e).__name__ for e in rest.exceptions] if rest else None)
            handled.append(checks[0].name)
        return handled


def script(world):
    a, b = world.create(Check, "a", None), world.create(Check, "b", ValueError("x"))
    c = world.create(Check, "c", KeyError("y"))
    suite = world.create(Suite, "s")
    world.call(suite, "run", [a])
    world.call(suite, "run", [a, b, c, b])
    world.state(suite)
