"""str.join, list, tuple, set, dict and next consume generators of remote calls."""

import stateflow


@stateflow.entity
class Word:
    def __init__(self, text):
        self.text = text
        self.used = 0

    def __key__(self):
        return self.text

    def use(self):
        self.used += 1
        return self.text


@stateflow.entity
class Poet:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def compose(self, words):
        line = " ".join(w.use() for w in words)
        parts = list(w.use().upper() for w in words)
        pairs = dict((w.use(), w.used) for w in words)
        first_long = next((w.use() for w in words if len(w.text) > 3), "none")
        frozen = tuple(w.used for w in words)
        return line, parts, pairs, first_long, frozen, set(w.use()[0] for w in words), frozenset(len(w.use()) for w in words)


def script(world):
    words = [world.create(Word, t) for t in ("the", "green", "hills")]
    poet = world.create(Poet, "p")
    world.call(poet, "compose", words)
    world.call(poet, "compose", words[:1])
