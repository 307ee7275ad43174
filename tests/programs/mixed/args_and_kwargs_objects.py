"""*args and **kwargs are changed between calls and passed on by star; the caller's dict stays as it was."""

import stateflow


@stateflow.entity
class Sink:
    def __init__(self, name):
        self.name, self.calls = name, []

    def __key__(self):
        return self.name

    def take(self, *args, **kwargs):
        kwargs["seen"] = len(self.calls)
        self.calls.append((args, kwargs))
        return kwargs


@stateflow.entity
class Source:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def send(self, sink, *args, **kwargs):
        first = sink.take(*args, **kwargs)
        kwargs["more"] = first["seen"]
        args += ("tail",)
        second = sink.take(*args[::-1], **kwargs, last=1)
        try:
            sink.take(**kwargs, **{"more": 1})
        except TypeError as error:
            duplicate = "multiple values" in str(error)
        return args, kwargs, second, duplicate


def script(world):
    sink = world.create(Sink, "s")
    source = world.create(Source, "x")
    world.call(source, "send", sink, 1, 2, a=[3])
    world.call(source, "send", sink)
    world.state(sink)
