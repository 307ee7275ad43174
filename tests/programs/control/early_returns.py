"""Several return statements, each with a remote call in its value; code after the taken one does not run."""

import stateflow


@stateflow.entity
class Oracle:
    def __init__(self, name: str):
        self.name = name
        self.questions: list[str] = []

    def __key__(self):
        return self.name

    def ask(self, question: str) -> int:
        self.questions.append(question)
        return len(question)


@stateflow.entity
class Seeker:
    def __init__(self, name: str):
        self.name = name

    def __key__(self):
        return self.name

    def seek(self, oracle: Oracle, kind: str):
        if kind == "short":
            return oracle.ask("why")
        if kind == "pair":
            return oracle.ask("when"), oracle.ask("where to")
        if kind == "none":
            return
        for size in range(1, 10):
            if oracle.ask("x" * size) * 2 > 5:
                return -oracle.ask("enough")
        return oracle.ask("never")


def script(world):
    oracle = world.create(Oracle, "delphi")
    seeker = world.create(Seeker, "croesus")
    for kind in ("short", "pair", "none", "other"):
        world.call(seeker, "seek", oracle, kind)
    world.state(oracle)
