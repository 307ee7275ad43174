"""A default of None is replaced by a fresh list in each call, which then lives in the entity."""

import stateflow


@stateflow.entity
class Diary:
    def __init__(self, owner, pages=None):
        self.owner = owner
        self.pages = [] if pages is None else pages

    def __key__(self):
        return self.owner

    def write(self, text, tags=None):
        tags = tags or []
        tags.append(len(self.pages))
        self.pages.append((text, tags))
        return tags


@stateflow.entity
class Writer:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def write(self, diary):
        tags = ["t"]
        first = diary.write("one", tags)
        second = diary.write("two", tags=tags)
        third = diary.write("three")
        return tags, first, second, third


def script(world):
    diary = world.create(Diary, "d")
    writer = world.create(Writer, "w")
    world.call(writer, "write", diary)
    world.state(diary)
