"""A retry loop over a table of waits with else, break and an exception kept from the last attempt."""

import stateflow

EXPECTED_ERRORS = ("ConnectionError",)


@stateflow.entity
class Server:
    def __init__(self, name, failures):
        self.name, self.failures, self.requests = name, failures, []

    def __key__(self):
        return self.name

    def request(self, attempt, wait):
        self.requests.append((attempt, wait))
        if len(self.requests) <= self.failures:
            raise ConnectionError(f"attempt {attempt}")
        return f"ok after {attempt}"


@stateflow.entity
class Client:
    def __init__(self, name):
        self.name, self.last_error = name, None

    def __key__(self):
        return self.name

    def get(self, server):
        for attempt, wait in enumerate((0, 1, 5)):
            try:
                answer = server.request(attempt, wait)
            except ConnectionError as error:
                self.last_error = str(error)
                last = error
            else:
                break
        else:
            last.add_note(f"gave up after {attempt + 1}")
            raise last
        return answer


def script(world):
    client = world.create(Client, "c")
    world.call(client, "get", world.create(Server, "good", 0))
    world.call(client, "get", world.create(Server, "slow", 2))
    world.call(client, "get", world.create(Server, "dead", 9))
    world.state(client)
