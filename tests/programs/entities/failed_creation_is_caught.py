"""A creation whose __init__ raises is caught: no entity exists, but what __init__ did elsewhere stays."""

import stateflow
from stateflow.errors import EntityNotFound


@stateflow.entity
class Quota:
    def __init__(self, name):
        self.name, self.used = name, 0

    def __key__(self):
        return self.name

    def use(self):
        self.used += 1
        if self.used > 2:
            raise OverflowError(self.used)
        return self.used


@stateflow.entity
class Instance:
    def __init__(self, host, quota):
        self.host = host
        self.slot = quota.use()

    def __key__(self):
        return self.host


@stateflow.entity
class Cloud:
    def __init__(self, name):
        self.name, self.failed = name, []

    def __key__(self):
        return self.name

    def start(self, hosts, quota):
        started = []
        for host in hosts:
            try:
                started.append(Instance(host, quota).slot)
            except OverflowError as error:
                self.failed.append((host, error.args))
        try:
            Instance.by_key(hosts[-1]).slot
        except EntityNotFound as error:
            return started, error.key


def script(world):
    quota = world.create(Quota, "q")
    cloud = world.create(Cloud, "c")
    world.call(cloud, "start", ["a", "b", "c", "d"], quota)
    world.state(cloud)
    world.get(quota, "used")
