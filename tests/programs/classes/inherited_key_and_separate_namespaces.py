"""Two subclasses of one base may use the same key; by_key of each class finds its own."""

import stateflow


@stateflow.entity
class Document:
    def __init__(self, title):
        self.title, self.reads = title, 0

    def __key__(self):
        return self.title

    def read(self):
        self.reads += 1
        return f"{type(self).__name__} {self.title} {self.reads}"


@stateflow.entity
class Letter(Document):
    pass


@stateflow.entity
class Invoice(Document):
    def read(self):
        return super().read() + " pay!"


@stateflow.entity
class Postman:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def sort(self, title):
        letter, invoice = Letter(title), Invoice(title)
        same = letter is Letter.by_key(title), letter == invoice
        return [d.read() for d in (letter, invoice, Letter.by_key(title))], same


def script(world):
    postman = world.create(Postman, "p")
    world.call(postman, "sort", "x")
    world.get(world.ref(Invoice, "x"), "reads")
    world.get(world.ref(Letter, "x"), "reads")
