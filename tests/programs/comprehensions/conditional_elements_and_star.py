"""Comprehension elements with ternaries, f-strings and starred displays built from remote answers."""

import stateflow


@stateflow.entity
class Host:
    def __init__(self, name, up):
        self.name, self.up = name, up

    def __key__(self):
        return self.name

    def ports(self):
        return [22, 80] if self.up else []

    def ping(self):
        return self.up


@stateflow.entity
class Monitor:
    def __init__(self, region):
        self.region = region

    def __key__(self):
        return self.region

    def report(self, hosts):
        lines = [f"{h.name}:{'up' if h.ping() else 'down'}/{len(h.ports())}" for h in hosts]
        flat = [*hosts[0].ports(), *(p + 1 for p in hosts[0].ports()), *hosts[1].ports()]
        merged = {**{h.name: h.ping() for h in hosts}, "total": sum(h.ping() for h in hosts)}
        return lines, flat, merged, {*hosts[0].ports(), *flat}


def script(world):
    hosts = [world.create(Host, "a", True), world.create(Host, "b", False)]
    monitor = world.create(Monitor, "eu")
    world.call(monitor, "report", hosts)
