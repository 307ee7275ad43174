"""A loop in a with in a try, left by return from inside, unwinds exit and finally in order with calls in each."""

import stateflow


@stateflow.entity
class Trail:
    def __init__(self, name):
        self.name, self.marks = name, []

    def __key__(self):
        return self.name

    def mark(self, text):
        self.marks.append(text)
        return len(self.marks)


class Span:
    def __init__(self, trail, label):
        self.trail, self.label = trail, label

    def __enter__(self):
        return self.trail.mark(f"+{self.label}")

    def __exit__(self, kind, error, trace):
        self.trail.mark(f"-{self.label}:{kind.__name__ if kind else ''}")
        return self.label == "swallow" and kind is KeyError


@stateflow.entity
class Hiker:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def hike(self, trail, plan):
        done = []
        try:
            for label in plan:
                try:
                    with Span(trail, label) as number:
                        if label == "stop":
                            return "stopped", number, done
                        if label in ("swallow", "lose"):
                            raise KeyError(label)
                        done.append(number)
                finally:
                    done.append(trail.mark("f"))
        except KeyError as error:
            return "lost", error.args, done
        else:
            return "walked", done
        finally:
            trail.mark("end")


def script(world):
    trail = world.create(Trail, "t")
    hiker = world.create(Hiker, "h")
    for plan in (["a", "b"], ["a", "swallow", "b"], ["stop", "a"], ["a", "lose", "b"]):
        world.call(hiker, "hike", trail, plan)
    world.state(trail)
