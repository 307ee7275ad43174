"""Identifiers and keys outside ASCII, and attribute names with underscores, reach other entities."""

import stateflow


@stateflow.entity
class Größe:
    def __init__(self, naam_é, _waarde):
        self.naam_é, self._waarde = naam_é, _waarde
        self.__prive = 1

    def __key__(self):
        return self.naam_é

    def verhoog_(self, δ):
        self._waarde += δ
        self.__prive += 1
        return self._waarde, self.__prive


@stateflow.entity
class Meter_:
    def __init__(self, ключ):
        self.ключ = ключ

    def __key__(self):
        return self.ключ

    def lees(self, größe):
        größe._waarde *= 2
        ergebnis = größe.verhoog_(δ=3)
        return ergebnis, größe._waarde, {größe.naam_é: "✓"}


def script(world):
    größe = world.create(Größe, "länge/½ ", 4)
    meter = world.create(Meter_, "м")
    world.call(meter, "lees", größe)
    world.state(größe)
