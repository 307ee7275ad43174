"""OrderedDict, defaultdict, Counter and deque values cross and keep their type and order."""

from collections import Counter, OrderedDict, defaultdict, deque

import stateflow


@stateflow.entity
class Index:
    def __init__(self, name):
        self.name, self.words, self.recent = name, defaultdict(list), deque(maxlen=2)

    def __key__(self):
        return self.name

    def add(self, word, page):
        self.words[word].append(page)
        self.recent.append(word)
        return self.recent

    def table(self):
        return OrderedDict(sorted(self.words.items()))


@stateflow.entity
class Reader:
    def __init__(self, name):
        self.name, self.counts = name, Counter()

    def __key__(self):
        return self.name

    def read(self, index, text):
        for page, word in enumerate(text.split()):
            recent = index.add(word, page)
            self.counts[word] += len(recent)
        table = index.table()
        table.move_to_end("a")
        return table, self.counts.most_common(1), index.words["zzz"], recent.maxlen, "zzz" in index.words


def script(world):
    index = world.create(Index, "i")
    reader = world.create(Reader, "r")
    world.call(reader, "read", index, "b a c a")
    world.state(index)
    world.state(reader)
