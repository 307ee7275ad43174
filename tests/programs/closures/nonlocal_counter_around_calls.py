"""A nested function keeps its nonlocal counter over remote calls that it makes itself."""
import stateflow


@stateflow.entity
class Stamp:
    def __init__(self, colour):
        self.colour = colour
        self.uses = 0

    def __key__(self):
        return self.colour

    def press(self, text):
        self.uses += 1
        return f"{self.colour}:{text}:{self.uses}"


@stateflow.entity
class Clerk:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def stamp_all(self, stamp, papers):
        count = 0
        done = []

        def process(paper):
            nonlocal count
            count += 1
            done.append(stamp.press(paper))
            count += 10
            return count

        totals = [process(paper) for paper in papers]
        return totals, count, done


def script(world):
    stamp = world.create(Stamp, "red")
    clerk = world.create(Clerk, "joe")
    world.call(clerk, "stamp_all", stamp, ["a", "b"])
    world.call(clerk, "stamp_all", stamp, [])
    world.get(stamp, "uses")
