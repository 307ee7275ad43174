"""A chain of attributes over three entities is read and assigned: a.b.c += a.b.d.e()."""

import stateflow


@stateflow.entity
class Engine:
    def __init__(self, name):
        self.name, self.rpm = name, 100

    def __key__(self):
        return self.name

    def boost(self):
        self.rpm += 1
        return self.rpm


@stateflow.entity
class Car:
    def __init__(self, name, engine):
        self.name, self.engine, self.speed = name, engine, 0

    def __key__(self):
        return self.name


@stateflow.entity
class Driver:
    def __init__(self, name, car):
        self.name, self.car = name, car

    def __key__(self):
        return self.name

    def drive(self):
        self.car.speed += self.car.engine.boost()
        self.car.engine.rpm -= self.car.speed // 10
        self.car.engine.rpm, self.car.speed = self.car.speed, self.car.engine.rpm
        self.car.engine.spark = [1]
        self.car.engine.spark += self.car.engine.spark
        del self.car.speed
        self.car.speed = len(self.car.engine.spark)
        return self.car.speed, self.car.engine.rpm


def script(world):
    engine = world.create(Engine, "e")
    car = world.create(Car, "c", engine)
    driver = world.create(Driver, "d", car)
    world.call(driver, "drive")
    world.state(engine)
    world.state(car)
