"""A local generator is driven by next, send, throw and close around remote calls; its finally runs."""

import stateflow


@stateflow.entity
class Ear:
    def __init__(self, name):
        self.name, self.heard = name, []

    def __key__(self):
        return self.name

    def hear(self, what):
        self.heard.append(what)
        return len(self.heard)


@stateflow.entity
class Teacher:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def lesson(self, ear):
        def talk():
            try:
                got = yield ear.hear("start")
                while True:
                    try:
                        got = yield ear.hear(got), self.name
                    except ValueError as error:
                        got = yield ear.hear(str(error))
            finally:
                ear.hear("closed")

        speaker = talk()
        log = [next(speaker), speaker.send("a"), speaker.send("b"), speaker.throw(ValueError("odd")), speaker.send("c")]
        speaker.close()
        return log, next(speaker, "over"), ear.heard


def script(world):
    ear = world.create(Ear, "e")
    teacher = world.create(Teacher, "t")
    world.call(teacher, "lesson", ear)
    world.state(ear)
