"""A return in finally replaces both a pending return value and a pending exception of a remote call."""

import stateflow


@stateflow.entity
class Bomb:
    def __init__(self, name):
        self.name, self.ticks = name, 0

    def __key__(self):
        return self.name

    def tick(self):
        self.ticks += 1
        if self.ticks % 2 == 0:
            raise OSError("boom")
        return self.ticks


@stateflow.entity
class Squad:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def defuse(self, bomb):
        try:
            return "first", bomb.tick()
        finally:
            return "last", bomb.ticks

    def in_loop(self, bomb):
        for _ in range(3):
            try:
                bomb.tick()
                return "returned"
            finally:
                if bomb.ticks < 5:
                    continue
                break
        return "broke", bomb.ticks


def script(world):
    bomb = world.create(Bomb, "b")
    squad = world.create(Squad, "s")
    world.call(squad, "defuse", bomb)
    world.call(squad, "defuse", bomb)
    world.call(squad, "in_loop", bomb)
