"""A finally block with a remote call runs after return, exception, break and continue, before the caller goes on."""

import stateflow

EXPECTED_ERRORS = ("ValueError",)


@stateflow.entity
class Door:
    def __init__(self, name):
        self.name, self.log = name, []

    def __key__(self):
        return self.name

    def mark(self, what):
        self.log.append(what)
        print(what)
        return what


@stateflow.entity
class Guard:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def leave_by(self, door, way):
        for turn in range(2):
            try:
                door.mark(f"try {way} {turn}")
                if way == "return":
                    return door.mark("value")
                if way == "break":
                    break
                if way == "continue":
                    continue
                if way == "raise":
                    raise ValueError(way)
                door.mark("through")
            finally:
                door.mark("finally")
            door.mark("after")
        return door.mark("end")


def script(world):
    door = world.create(Door, "d")
    guard = world.create(Guard, "g")
    for way in ("return", "break", "continue", "raise", "fall"):
        world.call(guard, "leave_by", door, way)
    world.state(door)
