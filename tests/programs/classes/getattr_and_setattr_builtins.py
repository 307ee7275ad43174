"""getattr, setattr, hasattr and delattr with computed names act on self and on other entities."""

import stateflow


@stateflow.entity
class Form:
    def __init__(self, number):
        self.number, self.name, self.age = number, "", 0

    def __key__(self):
        return self.number

    def set_age(self, value):
        self.age = value * 2
        return self.age


@stateflow.entity
class Clerk:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def fill(self, form, answers):
        for field, value in answers.items():
            setattr(form, field, value)
        read = [getattr(form, field) for field in answers]
        method = getattr(form, "set_" + "age")
        read.append(method(21))
        setattr(self, "seen_" + form.name, True)
        had = hasattr(form, "email"), hasattr(form, "phone")
        delattr(form, "email")
        return read, had, hasattr(form, "email"), getattr(self, "seen_ann")


def script(world):
    form = world.create(Form, 1)
    clerk = world.create(Clerk, "c")
    world.call(clerk, "fill", form, {"name": "ann", "email": "a@b"})
    world.state(form)
    world.state(clerk)
