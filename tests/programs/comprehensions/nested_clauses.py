"""A comprehension with two for clauses and two conditions asks entities in all four, in order."""

import stateflow


@stateflow.entity
class School:
    def __init__(self, name: str, classes: list["Form"]):
        self.name, self.classes = name, classes

    def __key__(self):
        return self.name

    def forms(self) -> list["Form"]:
        print("forms of", self.name)
        return self.classes


@stateflow.entity
class Form:
    def __init__(self, code: str, pupils: list[str]):
        self.code, self.pupils = code, pupils

    def __key__(self):
        return self.code

    def is_open(self) -> bool:
        print("open?", self.code)
        return bool(self.pupils)

    def accepts(self, pupil: str) -> bool:
        return len(pupil) > 2


@stateflow.entity
class Inspectorate:
    def __init__(self, region: str):
        self.region = region

    def __key__(self):
        return self.region

    def pupils(self, schools: list[School]) -> list:
        return [
            (school.name, pupil)
            for school in schools
            for form in school.forms()
            if form.is_open()
            for pupil in form.pupils
            if form.accepts(pupil)
        ]


def script(world):
    a, b, c = world.create(Form, "1a", ["ann", "jo"]), world.create(Form, "1b", []), world.create(Form, "2c", ["cas"])
    schools = [world.create(School, "north", [a, b]), world.create(School, "south", [c])]
    inspectorate = world.create(Inspectorate, "zh")
    world.call(inspectorate, "pupils", schools)
    world.call(inspectorate, "pupils", [])
