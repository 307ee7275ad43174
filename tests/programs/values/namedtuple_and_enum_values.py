"""NamedTuple and Enum values keep type and identity over calls, and their methods may reach entities."""

from enum import Enum, auto
from typing import NamedTuple

import stateflow


class Level(Enum):
    LOW = auto()
    HIGH = auto()

    def raised(self, alarm):
        return alarm.bump(self) if self is Level.HIGH else 0


class Reading(NamedTuple):
    place: str
    level: Level

    def judge(self, alarm):
        return self.level.raised(alarm), self._replace(level=Level.LOW)


@stateflow.entity
class Alarm:
    def __init__(self, name):
        self.name, self.seen = name, []

    def __key__(self):
        return self.name

    def bump(self, level):
        self.seen.append(level)
        return len(self.seen) if level is Level.HIGH else -1


@stateflow.entity
class Station:
    def __init__(self, name):
        self.name, self.last = name, None

    def __key__(self):
        return self.name

    def handle(self, alarm, reading):
        score, lowered = reading.judge(alarm)
        self.last = lowered
        place, level = reading
        return score, lowered.level is Level.LOW, type(reading).__name__, place, level, reading[1] == level


def script(world):
    alarm = world.create(Alarm, "a")
    station = world.create(Station, "s")
    world.call(station, "handle", alarm, Reading("hall", Level.HIGH))
    world.call(station, "handle", alarm, Reading("attic", Level.LOW))
    world.state(station)
    world.state(alarm)
