"""What a bug in the protocol between places is: a change of the core that a simulated run must show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from stateflow.runtime.simulation import Faults, Setting

Plant = Callable[[pytest.MonkeyPatch], None]

# Many transactions that meet, and nothing else that goes wrong: for bugs of the waiting and dying.
CROWD = {"requests": 100, "faults": Faults(slow=0.5), "places": 8, "workload": "orders"}


@dataclass(frozen=True)
class ProtocolBug:
    """A deliberate bug.

    Attributes:
        name: says what is wrong.
        plant: puts the bug in.
        setting: where it must be found; its seed is the first.
        seeds: within how many it must be found.
    """

    name: str
    plant: Plant
    setting: Setting
    seeds: int


class ProtocolGarden(list[ProtocolBug]):
    """The bugs of one part of the protocol."""

    def bug(self, seeds: int = 100, **setting: Any) -> Callable[[Plant], Plant]:
        """Add the decorated function as a bug that is found within a number of seeds."""

        def add(plant: Plant) -> Plant:
            self.append(ProtocolBug(plant.__name__, plant, Setting(0, **setting), seeds))
            return plant

        return add
