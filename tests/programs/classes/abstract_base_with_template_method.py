"""A template method of an abstract base calls overridden hooks, one of which calls another entity."""

from abc import ABC, abstractmethod

import stateflow


@stateflow.entity
class Archive:
    def __init__(self, name):
        self.name, self.pages = name, []

    def __key__(self):
        return self.name

    def store(self, page):
        self.pages.append(page)
        return len(self.pages)


class Report(ABC):
    def __init__(self, title, archive):
        self.title, self.archive = title, archive

    def __key__(self):
        return self.title

    @abstractmethod
    def body(self): ...
    def footer(self):
        return "-"

    def publish(self):
        text = f"{self.title}: {self.body()} {self.footer()}"
        return self.archive.store(text), text


@stateflow.entity
class Summary(Report):
    def body(self):
        return f"{len(self.archive.pages)} pages"


@stateflow.entity
class Memo(Report):
    def body(self):
        return "memo"

    def footer(self):
        return f"nr {self.archive.store('draft')}"


def script(world):
    archive = world.create(Archive, "a")
    memo, summary = world.create(Memo, "m", archive), world.create(Summary, "s", archive)
    world.call(memo, "publish")
    world.call(summary, "publish")
    world.call(memo, "publish")
    world.state(archive)
