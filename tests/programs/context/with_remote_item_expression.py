"""The context expression, the body and the exit of a with statement each call another entity."""

import stateflow


class Session:
    def __init__(self, server, user):
        self.server, self.user = server, user

    def __enter__(self):
        self.token = self.server.login(self.user)
        return self

    def __exit__(self, kind, error, trace):
        self.server.logout(self.token, kind is None)
        return False


@stateflow.entity
class Server:
    def __init__(self, name):
        self.name, self.log, self.counter = name, [], 0

    def __key__(self):
        return self.name

    def login(self, user):
        self.counter += 1
        self.log.append(("in", user))
        return self.counter

    def logout(self, token, clean):
        self.log.append(("out", token, clean))


@stateflow.entity
class Browser:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def browse(self, server, fail):
        try:
            with Session(server, server.name + "-user") as session:
                server.log
                if fail:
                    raise RuntimeError("crash")
                return session.token, session.user
        except RuntimeError as error:
            return str(error), session.token


def script(world):
    server = world.create(Server, "s")
    browser = world.create(Browser, "b")
    world.call(browser, "browse", server, False)
    world.call(browser, "browse", server, True)
    world.state(server)
