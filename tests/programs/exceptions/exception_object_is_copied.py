"""The caller's exception is a copy: what it changes on it does not reach what the callee kept."""

import stateflow


@stateflow.entity
class Clinic:
    def __init__(self, name):
        self.name, self.last = name, None

    def __key__(self):
        return self.name

    def admit(self, people):
        self.last = ValueError("full", people)
        raise self.last

    def last_args(self):
        return self.last.args, vars(self.last)


@stateflow.entity
class Ambulance:
    def __init__(self, plate):
        self.plate = plate

    def __key__(self):
        return self.plate

    def deliver(self, clinic):
        people = ["ann"]
        try:
            clinic.admit(people)
        except ValueError as error:
            error.args[1].append("bob")
            error.extra = 1
            return people, error.args[1], error.args[1] is people, clinic.last_args()


def script(world):
    clinic = world.create(Clinic, "c")
    ambulance = world.create(Ambulance, "a")
    world.call(ambulance, "deliver", clinic)
    world.state(clinic)
