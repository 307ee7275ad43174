"""The same untyped code runs on an entity and on plain values; the run decides which."""

import stateflow


@stateflow.entity
class Queue:
    def __init__(self, name):
        self.name = name
        self.content = []

    def __key__(self):
        return self.name

    def append(self, thing):
        self.content.append(thing)

    def pop(self):
        return self.content.pop()

    def __len__(self):
        return len(self.content)


@stateflow.entity
class Feeder:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def feed(self, target, things):
        for thing in things:
            target.append(thing)
        last = target.pop()
        target.append(last * 2)
        return last, len(target)

    def feed_two(self, queue):
        mine = []
        return [self.feed(target, [1, 2, 3]) for target in (queue, mine, queue)], mine


def script(world):
    queue = world.create(Queue, "q")
    feeder = world.create(Feeder, "f")
    world.call(feeder, "feed", queue, ["a", "b"])
    world.call(feeder, "feed", ["x"], ["a", "b"])
    world.call(feeder, "feed_two", queue)
    world.state(queue)
