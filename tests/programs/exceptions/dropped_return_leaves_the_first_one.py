"""A return in a finally part that break drops leaves the return under way as it was."""
import stateflow


@stateflow.entity
class Source:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def give(self, value):
        return value


@stateflow.entity
class Taker:
    def __init__(self, name):
        self.name = name
        self.log = []

    def __key__(self):
        return self.name

    def dropped_by_break(self, source):
        try:
            return source.give(1)
        finally:
            for _ in [1, 2]:
                try:
                    return source.give(2)
                finally:
                    break

    def dropped_in_a_handler(self, source):
        while True:
            try:
                raise KeyError(source.give(1))
            except KeyError as error:
                try:
                    return source.give(7), str(error)
                finally:
                    try:
                        for turn in range(2):
                            try:
                                return source.give(8)
                            finally:
                                if turn == 0:
                                    continue
                                break
                    finally:
                        self.log.append("done")

    def replaced(self, source):
        try:
            return source.give(3)
        finally:
            try:
                return source.give(4)
            finally:
                self.log.append("replaced")


def script(world):
    source = world.create(Source, "s")
    taker = world.create(Taker, "t")
    world.call(taker, "dropped_by_break", source)
    world.call(taker, "dropped_in_a_handler", source)
    world.call(taker, "replaced", source)
    world.state(taker)
