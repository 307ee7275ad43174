"""A callee that calls back sees what the caller has changed so far, and the caller sees what the callback changed."""

import stateflow


@stateflow.entity
class Printer:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def print_pages(self, document):
        first = document.next_page()
        second = document.next_page()
        return first, second, document.position


@stateflow.entity
class Document:
    def __init__(self, title):
        self.title, self.position, self.log = title, 0, []

    def __key__(self):
        return self.title

    def next_page(self):
        self.position += 1
        self.log.append(("page", self.position))
        return self.position

    def run(self, printer):
        self.position = 10
        log = self.log
        answer = printer.print_pages(self)
        self.position *= 2
        return answer, self.position, log is self.log, log


def script(world):
    printer = world.create(Printer, "p")
    document = world.create(Document, "d")
    world.call(document, "run", printer)
    world.state(document)
