"""Two nested loops with break, continue and else, each asking other entities."""

import stateflow


@stateflow.entity
class Cell:
    def __init__(self, place: tuple[int, int], mine: bool):
        self.place, self.mine = place, mine

    def __key__(self):
        return self.place

    def step(self) -> bool:
        print("step", self.place)
        return self.mine


@stateflow.entity
class Walker:
    def __init__(self, name: str, cells: dict):
        self.name, self.cells = name, cells

    def __key__(self):
        return self.name

    def walk(self, rows: int, columns: int):
        route = []
        for row in range(rows):
            for column in range(columns):
                if (row, column) not in self.cells:
                    continue
                if self.cells[row, column].step():
                    route.append("boom")
                    break
                route.append((row, column))
            else:
                route.append(f"row {row}")
                continue
            if len(route) > 4:
                break
        else:
            route.append("safe")
        return route


def script(world):
    cells = {place: world.create(Cell, place, place == (1, 1)) for place in ((0, 0), (0, 1), (1, 0), (1, 1), (2, 0))}
    walker = world.create(Walker, "w", cells)
    world.call(walker, "walk", 1, 2)
    world.call(walker, "walk", 3, 2)
    world.call(walker, "walk", 0, 0)
