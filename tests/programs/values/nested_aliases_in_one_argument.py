"""Sharing inside one argument graph survives the crossing: shared rows, a cycle, and a list in a dict and a tuple."""

import stateflow


@stateflow.entity
class Analyst:
    def __init__(self, name):
        self.name, self.kept = name, None

    def __key__(self):
        return self.name

    def analyse(self, graph):
        self.kept = graph
        graph["rows"][0].append("seen")
        cyclic = graph["loop"]
        return graph["rows"][1], graph["rows"][0] is graph["rows"][2], cyclic[0] is cyclic, graph["pair"][0] is graph["rows"][0]


@stateflow.entity
class Source:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def send(self, analyst):
        row = [0]
        loop = []
        loop.append(loop)
        graph = {"rows": [row, [1], row], "loop": loop, "pair": (row, 5)}
        answer = analyst.analyse(graph)
        return answer, row, graph["rows"][0] is row

    def check(self, analyst):
        kept = analyst.kept
        return kept["rows"][0] is kept["rows"][2], kept["rows"]


def script(world):
    analyst = world.create(Analyst, "a")
    source = world.create(Source, "s")
    world.call(source, "send", analyst)
    world.call(source, "check", analyst)
