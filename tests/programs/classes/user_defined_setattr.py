"""A class's own __setattr__ and __getattr__ run for local and remote access."""

import stateflow


@stateflow.entity
class Record:
    def __init__(self, key):
        object.__setattr__(self, "writes", [])
        self.key = key

    def __key__(self):
        return self.key

    def __setattr__(self, name, value):
        self.writes.append(name)
        object.__setattr__(self, name, value)

    def __getattr__(self, name):
        if name.startswith("default_"):
            return name[8:]
        raise AttributeError(name)


@stateflow.entity
class Editor:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def edit(self, record):
        record.colour = "red"
        record.colour += "dish"
        try:
            record.missing
        except AttributeError as error:
            lacks = error.args
        return record.colour, record.default_size, record.writes, lacks


def script(world):
    record = world.create(Record, "k")
    editor = world.create(Editor, "e")
    world.call(editor, "edit", record)
    world.state(record)
