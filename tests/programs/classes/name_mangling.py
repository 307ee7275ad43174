"""Private names are mangled by the class that defines the method, in fields, methods and nested functions."""

import stateflow


@stateflow.entity
class Base:
    def __init__(self, name):
        self.name = name
        self.__secret = 1

    def __key__(self):
        return self.name

    def __step(self, other):
        self.__secret += other.value()
        return self.__secret

    def run(self, other):
        return self.__step(other)


@stateflow.entity
class Derived(Base):
    def __init__(self, name):
        super().__init__(name)
        self.__secret = 100

    def __step(self, other):
        def inner():
            self.__secret += other.value()
            return self.__secret

        return inner()

    def both(self, other):
        return self.run(other), self.__step(other)


@stateflow.entity
class Source:
    def __init__(self, name):
        self.name, self.n = name, 0

    def __key__(self):
        return self.name

    def value(self):
        self.n += 1
        return self.n


def script(world):
    source = world.create(Source, "s")
    derived = world.create(Derived, "d")
    world.call(derived, "both", source)
    world.call(world.create(Base, "b"), "run", source)
    world.state(derived)
