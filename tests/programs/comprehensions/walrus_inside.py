"""A walrus in a comprehension's condition binds in the enclosing method."""

import stateflow


@stateflow.entity
class Scorer:
    def __init__(self, name):
        self.name, self.calls = name, 0

    def __key__(self):
        return self.name

    def score(self, word):
        self.calls += 1
        return len(word) * 10 + self.calls


@stateflow.entity
class Quiz:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def run(self, scorer, words):
        best = [(word, points) for word in words if (points := scorer.score(word)) > 30]
        return best, points, any((hit := word).startswith("d") and scorer.score(word) for word in words), hit


def script(world):
    scorer = world.create(Scorer, "s")
    quiz = world.create(Quiz, "q")
    world.call(quiz, "run", scorer, ["a", "abcd", "def"])
    world.call(quiz, "run", scorer, ["dx", "abc"])
