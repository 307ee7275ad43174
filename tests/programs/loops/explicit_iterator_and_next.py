"""An iterator held in a variable is advanced by next() on both sides of a call, with and without a default."""

import stateflow


@stateflow.entity
class Printer:
    def __init__(self, name):
        self.name, self.pages = name, []

    def __key__(self):
        return self.name

    def put(self, page):
        self.pages.append(page)
        return len(self.pages)


@stateflow.entity
class Job:
    def __init__(self, number, pages):
        self.number, self.pages = number, pages

    def __key__(self):
        return self.number

    def print_odd(self, printer):
        pages = iter(self.pages)
        alias = pages
        answers = []
        for page in pages:
            answers.append(printer.put(page))
            self.pages.append("tail") if len(self.pages) < 6 else None
            skipped = next(alias, "nothing")
            answers.append(skipped)
        try:
            next(pages)
        except StopIteration:
            answers.append("done")
        return answers


def script(world):
    printer = world.create(Printer, "p")
    job = world.create(Job, 1, ["a", "b", "c"])
    world.call(job, "print_odd", printer)
    world.state(job)
    world.state(printer)
