"""A value written to a field of another entity is copied: later changes by the writer stay with the writer."""

import stateflow


@stateflow.entity
class Board:
    def __init__(self, name):
        self.name, self.notes = name, None

    def __key__(self):
        return self.name

    def add(self, note):
        self.notes.append(note)
        return self.notes


@stateflow.entity
class Author:
    def __init__(self, name):
        self.name, self.draft = name, ["first"]

    def __key__(self):
        return self.name

    def publish(self, board):
        board.notes = self.draft
        self.draft.append("second")
        answer = board.add("reader")
        self.draft.append("third")
        return answer, self.draft, board.notes


def script(world):
    board = world.create(Board, "b")
    author = world.create(Author, "a")
    world.call(author, "publish", board)
    world.call(author, "publish", board)
    world.state(board)
    world.state(author)
