"""A deletion in a root call that raises is undone, with the state from before the call."""

import stateflow

EXPECTED_ERRORS = ("ZeroDivisionError",)


@stateflow.entity
class Record:
    def __init__(self, number):
        self.number, self.text = number, "text"

    def __key__(self):
        return self.number

    def change(self, text):
        self.text = text


@stateflow.entity
class Cleaner:
    def __init__(self, name):
        self.name, self.cleaned = name, 0

    def __key__(self):
        return self.name

    def clean(self, records, divisor):
        for record in records:
            record.change("doomed")
            stateflow.delete(record)
            self.cleaned += 1
        return 10 // divisor


def script(world):
    records = [world.create(Record, n) for n in (1, 2)]
    cleaner = world.create(Cleaner, "c")
    world.call(cleaner, "clean", records, 0)
    world.state(records[0])
    world.call(cleaner, "clean", records[:1], 1)
    world.state(cleaner)
