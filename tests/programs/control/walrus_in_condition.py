"""A walrus in an if and in a while binds a remote answer that the body uses."""

import stateflow


@stateflow.entity
class Feed:
    def __init__(self, topic):
        self.topic = topic
        self.messages = ["one", "two", "three"]

    def __key__(self):
        return self.topic

    def pop(self):
        return self.messages.pop(0) if self.messages else None


@stateflow.entity
class Reader:
    def __init__(self, name):
        self.name = name
        self.read = []

    def __key__(self):
        return self.name

    def drain(self, feed):
        while (message := feed.pop()) is not None:
            self.read.append(message)
        return message, len(self.read)

    def peek(self, feed):
        if (size := len(feed.messages)) > 2 and (first := feed.pop()):
            return size, first
        return size, None


def script(world):
    feed = world.create(Feed, "news")
    reader = world.create(Reader, "r")
    world.call(reader, "peek", feed)
    world.call(reader, "peek", feed)
    world.call(reader, "drain", feed)
    world.call(reader, "drain", feed)
    world.state(reader)
