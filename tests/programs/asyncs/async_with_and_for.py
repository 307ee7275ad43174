"""async with and async for over an entity's own async dunders."""

import stateflow


@stateflow.entity
class Stream:
    def __init__(self, name, items):
        self.name, self.items, self.open = name, items, False

    def __key__(self):
        return self.name

    async def __aenter__(self):
        self.open = True
        return self

    async def __aexit__(self, kind, error, trace):
        self.open = False
        return kind is KeyError

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.items:
            raise StopAsyncIteration
        return self.items.pop(0)


@stateflow.entity
class Reader:
    def __init__(self, name):
        self.name, self.got = name, []

    def __key__(self):
        return self.name

    async def read(self, stream, stop):
        async with stream as source:
            was_open = stream.open
            async for item in source:
                self.got.append(item)
                if item == stop:
                    raise KeyError(item)
            else:
                self.got.append("end")
        return was_open, stream.open, self.got


def script(world):
    stream = world.create(Stream, "s", [1, 2, 3, 4])
    reader = world.create(Reader, "r")
    world.call(reader, "read", stream, 2)
    world.call(reader, "read", stream, 9)
    world.state(stream)
