"""An entity created in a root call that raises later does not exist, and its key is free again."""

import stateflow

EXPECTED_ERRORS = ("RuntimeError", "EntityNotFound")


@stateflow.entity
class File:
    def __init__(self, path):
        self.path, self.lines = path, []

    def __key__(self):
        return self.path

    def add(self, line):
        self.lines.append(line)
        return len(self.lines)


@stateflow.entity
class Job:
    def __init__(self, number):
        self.number, self.files = number, []

    def __key__(self):
        return self.number

    def run(self, path, fail):
        file = File(path)
        self.files.append(file)
        file.add("start")
        if fail:
            raise RuntimeError(path)
        return file.add("end")


def script(world):
    job = world.create(Job, 1)
    world.call(job, "run", "notes.txt", True)
    world.call(world.ref(File, "notes.txt"), "add", "ghost")
    world.call(job, "run", "notes.txt", False)
    world.state(job)
    world.state(world.ref(File, "notes.txt"))
