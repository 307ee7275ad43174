"""Entities and functions in one dispatch table are looked up by key and called."""

import stateflow


@stateflow.entity
class Desk:
    def __init__(self, topic):
        self.topic, self.tickets = topic, []

    def __key__(self):
        return self.topic

    def open(self, text, urgent=False):
        self.tickets.insert(0 if urgent else len(self.tickets), text)
        return len(self.tickets)


@stateflow.entity
class Router:
    def __init__(self, name, desks):
        self.name = name
        self.desks = {desk: i for i, desk in enumerate(desks)}
        self.by_topic = dict(zip(("bills", "faults"), desks))

    def __key__(self):
        return self.name

    def local(self, text, urgent=False):
        return f"kept {text}"

    def route(self, calls):
        table = {topic: desk.open for topic, desk in self.by_topic.items()}
        table["spam"] = self.local
        answers = [table.get(topic, self.local)(text, urgent=urgent) for topic, text, urgent in calls]
        return answers, sum(rank * len(desk.tickets) for desk, rank in self.desks.items())


def script(world):
    desks = [world.create(Desk, "bills"), world.create(Desk, "faults")]
    router = world.create(Router, "r", desks)
    world.call(
        router, "route", [("bills", "a", False), ("spam", "b", True), ("bills", "c", True), ("faults", "d", False), ("?", "e", False)]
    )
    world.get(desks[0], "tickets")
