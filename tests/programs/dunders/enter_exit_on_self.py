"""`with self:` runs the entity's own __enter__ and __exit__, which call another entity, without copying."""

import stateflow


@stateflow.entity
class Hub:
    def __init__(self, name):
        self.name, self.log = name, []

    def __key__(self):
        return self.name

    def report(self, text):
        self.log.append(text)
        return len(self.log)


@stateflow.entity
class Job:
    def __init__(self, name, hub):
        self.name, self.hub, self.parts = name, hub, []

    def __key__(self):
        return self.name

    def __enter__(self):
        self.hub.report("begin " + self.name)
        return self.parts

    def __exit__(self, kind, error, trace):
        self.hub.report(f"end {len(self.parts)} {kind.__name__ if kind else None}")
        return kind is ValueError

    def run(self, fail):
        with self as parts:
            parts.append(self.hub.report("work"))
            if fail:
                raise ValueError
            return parts is self.parts, parts
        return "swallowed", self.parts


def script(world):
    hub = world.create(Hub, "h")
    job = world.create(Job, "j", hub)
    world.call(job, "run", False)
    world.call(job, "run", True)
    world.state(hub)
