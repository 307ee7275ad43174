"""A method may delete its own entity and still return from its locals and state."""

import stateflow

EXPECTED_ERRORS = ("EntityNotFound",)


@stateflow.entity
class Session:
    def __init__(self, token, log):
        self.token, self.log, self.hits = token, log, 0

    def __key__(self):
        return self.token

    def hit(self):
        self.hits += 1
        return self.hits

    def close(self):
        hits = self.hit()
        self.log.closed(self.token)
        stateflow.delete(self)
        return "closed", hits


@stateflow.entity
class Log:
    def __init__(self, name):
        self.name, self.tokens = name, []

    def __key__(self):
        return self.name

    def closed(self, token):
        self.tokens.append(token)


def script(world):
    log = world.create(Log, "l")
    session = world.create(Session, "t", log)
    world.call(session, "hit")
    world.call(session, "close")
    world.call(session, "hit")
    world.state(log)
