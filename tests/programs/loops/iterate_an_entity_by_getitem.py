"""An entity with only __getitem__ and __len__ is iterated by index until IndexError."""

import stateflow


@stateflow.entity
class Shelf:
    def __init__(self, aisle):
        self.aisle = aisle
        self.books = ["a", "b", "c"]

    def __key__(self):
        return self.aisle

    def __getitem__(self, index):
        print("get", index)
        return self.books[index]

    def __len__(self):
        return len(self.books)


@stateflow.entity
class Librarian:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def list_books(self, shelf):
        titles = []
        for book in shelf:
            titles.append(book)
        return titles, len(shelf), shelf[-1], shelf[0:2]


def script(world):
    shelf = world.create(Shelf, 4)
    librarian = world.create(Librarian, "l")
    world.call(librarian, "list_books", shelf)
