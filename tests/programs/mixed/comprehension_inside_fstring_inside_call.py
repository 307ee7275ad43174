"""Deeply nested expressions: comprehension in f-string in argument in subscript in condition, all remote."""

import stateflow


@stateflow.entity
class Dictionary:
    def __init__(self, name, words):
        self.name, self.words = name, words

    def __key__(self):
        return self.name

    def translate(self, word, *extra):
        return self.words.get(word, f"?{word}{len(extra)}")

    def size(self):
        return len(self.words)


@stateflow.entity
class Translator:
    def __init__(self, name):
        self.name, self.notes = name, [10, 20, 30, 40]

    def __key__(self):
        return self.name

    def work(self, d, text):
        if self.notes[d.size() - len([w for w in text.split() if d.translate(w).startswith("?")])] > 15:
            return d.translate(f"{'_'.join(d.translate(w) for w in text.split())}!", *(d.size() for _ in range(2)))
        return [d.translate(f"{d.size()}{w}") for w in text.split()][-d.size() :]


def script(world):
    d = world.create(Dictionary, "d", {"de": "the", "kat": "cat"})
    translator = world.create(Translator, "t")
    world.call(translator, "work", d, "de kat")
    world.call(translator, "work", d, "de hond blaft")
    world.call(translator, "work", d, "de hond")
