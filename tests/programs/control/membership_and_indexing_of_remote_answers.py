"""`in`, subscripts and slices take remote answers on either side."""

import stateflow


@stateflow.entity
class Dictionary:
    def __init__(self, language):
        self.language = language
        self.words = ["appel", "boom", "citroen", "dak"]

    def __key__(self):
        return self.language

    def position(self, word):
        return self.words.index(word)

    def all_words(self):
        return self.words


@stateflow.entity
class Student:
    def __init__(self, name):
        self.name = name
        self.known = ["boom", "fiets"]

    def __key__(self):
        return self.name

    def study(self, d):
        part = d.all_words()[d.position("boom") : d.position("dak")]
        step = d.all_words()[:: d.position("citroen")]
        last = self.known[d.position("boom")]
        known = [w in d.all_words() for w in self.known]
        table = {"a": [10, 20, 30]}
        deep = table["a"][d.position("citroen")] + table["a"][-d.position("boom")]
        return part, step, last, known, deep, "kaas" not in d.words


def script(world):
    d = world.create(Dictionary, "nl")
    student = world.create(Student, "s")
    world.call(student, "study", d)
    world.get(d, "words")
