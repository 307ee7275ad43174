"""Writing into a list got from another entity's field changes the copy; writing the whole field changes the entity."""

import stateflow


@stateflow.entity
class Board:
    def __init__(self, name):
        self.name, self.cells, self.meta = name, [0, 0, 0], {"moves": 0}

    def __key__(self):
        return self.name

    def show(self):
        return self.cells, self.meta


@stateflow.entity
class Player:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def play(self, board):
        board.cells[0] = "X"
        board.meta["moves"] += 1
        first = board.show()
        cells = board.cells
        cells[1] = "O"
        board.cells = cells
        cells[2] = "?"
        board.meta = {**board.meta, "moves": board.meta["moves"] + 1}
        return first, board.show(), cells


def script(world):
    board = world.create(Board, "b")
    player = world.create(Player, "p")
    world.call(player, "play", board)
    world.call(player, "play", board)
    world.state(board)
