"""An elif chain asks another entity again in each condition, and only as far as needed."""
import stateflow


@stateflow.entity
class Sensor:
    def __init__(self, name, readings):
        self.name = name
        self.readings = readings

    def __key__(self):
        return self.name

    def next_reading(self):
        value = self.readings.pop(0)
        print("read", value)
        return value


@stateflow.entity
class Thermostat:
    def __init__(self, room):
        self.room = room
        self.mode = "idle"

    def __key__(self):
        return self.room

    def regulate(self, sensor):
        if sensor.next_reading() < 15:
            self.mode = "heat"
        elif sensor.next_reading() > 25:
            self.mode = "cool"
        elif sensor.next_reading() == 20:
            self.mode = "perfect"
        else:
            self.mode = "idle"
        return self.mode, len(sensor.readings)


def script(world):
    sensor = world.create(Sensor, "hall", [10, 18, 30, 18, 18, 20, 16, 16, 16])
    control = world.create(Thermostat, "hall")
    for _ in range(4):
        world.call(control, "regulate", sensor)
    world.state(sensor)
