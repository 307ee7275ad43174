"""The operand of raise, and its cause, come from remote calls."""

import stateflow

EXPECTED_ERRORS = ("ValueError", "TypeError")


@stateflow.entity
class Teacher:
    def __init__(self, name):
        self.name, self.marks = name, 0

    def __key__(self):
        return self.name

    def complaint(self, about):
        self.marks += 1
        return ValueError(about, self.marks)

    def reason(self):
        return KeyError("homework")

    def nonsense(self):
        return 5


@stateflow.entity
class Pupil:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def misbehave(self, teacher):
        raise teacher.complaint("noise") from teacher.reason()

    def odd(self, teacher):
        raise teacher.nonsense()

    def sorry(self, teacher):
        try:
            raise teacher.complaint("late")
        except ValueError as error:
            return error.args, teacher.marks


def script(world):
    teacher = world.create(Teacher, "t")
    pupil = world.create(Pupil, "p")
    world.call(pupil, "misbehave", teacher)
    world.call(pupil, "sorry", teacher)
    world.call(pupil, "odd", teacher)
    world.get(teacher, "marks")
