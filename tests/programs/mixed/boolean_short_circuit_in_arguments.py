"""Short circuits, ternaries and walruses inside one call's arguments each evaluate only what they must."""

import stateflow


@stateflow.entity
class Probe:
    def __init__(self, name):
        self.name, self.asked = name, []

    def __key__(self):
        return self.name

    def ask(self, value):
        self.asked.append(value)
        return value

    def many(self, *args, **kwargs):
        return args, kwargs


@stateflow.entity
class Tester:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def test(self, p):
        return p.many(
            p.ask(0) or p.ask(1),
            p.ask(0) and p.ask(2),
            (x := p.ask(3)) + x,
            p.ask(4) if p.ask(0) else p.ask(5),
            not (p.ask(6) and p.ask(0)),
            *(p.ask([7]) or p.ask([8])),
            last=p.ask(None) is None or p.ask(9),
            **(p.ask({}) or p.ask({"k": 10})),
        )


def script(world):
    probe = world.create(Probe, "p")
    tester = world.create(Tester, "t")
    world.call(tester, "test", probe)
    world.get(probe, "asked")
