"""A list that another entity answers is the caller's own: changing it leaves the callee's state alone."""

import stateflow


@stateflow.entity
class Library:
    def __init__(self, name):
        self.name, self.books = name, [["dune"], ["emma"]]

    def __key__(self):
        return self.name

    def catalogue(self):
        return self.books

    def same_twice(self):
        return self.books, self.books


@stateflow.entity
class Visitor:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def scribble(self, library):
        mine = library.catalogue()
        mine.append("scribble")
        mine[0].append("mess")
        a, b = library.same_twice()
        a[0].append("!")
        library.books.append("lost")
        library.books[0][0] = "lost too"
        return mine, a is b, b, library.books, library.catalogue() is library.catalogue()


def script(world):
    library = world.create(Library, "l")
    visitor = world.create(Visitor, "v")
    world.call(visitor, "scribble", library)
    world.state(library)
