"""Creating with a taken key raises and leaves the older entity as it was."""

import stateflow
from stateflow.errors import EntityAlreadyExists

EXPECTED_ERRORS = ("EntityAlreadyExists",)


@stateflow.entity
class Name:
    def __init__(self, text, owner):
        self.text, self.owner = text, owner

    def __key__(self):
        return self.text


@stateflow.entity
class Registrar:
    def __init__(self, zone):
        self.zone, self.refused = zone, []

    def __key__(self):
        return self.zone

    def register(self, text, owner):
        try:
            return Name(text, owner)
        except EntityAlreadyExists as error:
            self.refused.append((error.class_name, error.key))
            return Name.by_key(text).owner

    def force(self, text):
        self.refused.append("forced")
        return Name(text, "nobody")


def script(world):
    registrar = world.create(Registrar, "nl")
    world.call(registrar, "register", "tea", "ann")
    world.call(registrar, "register", "tea", "bob")
    world.call(registrar, "force", "tea")
    world.create(Name, "tea", "cas")
    world.state(registrar)
    world.get(world.ref(Name, "tea"), "owner")
