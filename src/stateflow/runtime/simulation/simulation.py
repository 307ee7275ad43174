"""A seeded run, one step after another: with faults for a while, then without until all is answered; then the judgement."""

from __future__ import annotations

import traceback
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from stateflow.core.machine import Machine
from stateflow.errors import PlaceStopped
from stateflow.histories.history import Anomaly, Violation
from stateflow.runtime.simulation.mishaps import Mishaps
from stateflow.runtime.simulation.scene import Scene
from stateflow.runtime.simulation.setting import Result, Setting
from stateflow.runtime.simulation.verdict import final_asks, judge

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.runtime.simulation.callers import Caller

__all__ = ["Simulation", "simulate"]

_STEPS_PER_REQUEST = 60
_SLOW_STEPS_PER_REQUEST = 250
_QUIET_STEPS = 2_000
_QUIET_STEPS_PER_REQUEST = 400

Action = tuple[float, "Callable[[], bool]"]


def simulate(setting: Setting, machine_type: type[Machine] = Machine) -> Result:
    """Run a seed and judge it.

    Args:
        setting: what the run is about.
        machine_type: what the places are.
    """
    return Simulation(setting, machine_type).run()


class Simulation:
    """One run.

    Args:
        setting: what it is about.
        machine_type: what the places are.
    """

    def __init__(self, setting: Setting, machine_type: type[Machine] = Machine) -> None:
        self.scene = Scene(setting, machine_type)
        self.mishaps = Mishaps(self.scene)
        self.violations: list[Violation] = []
        scene = self.scene
        self._usual: list[Action] = [(8, scene.read), (6, scene.push), (3, scene.read_answers), (2, scene.send_next)]

    def run(self) -> Result:
        """Run to the end."""
        scene = self.scene
        scene.tell(f"{scene.setting.workload} on {scene.setting.places} places, {scene.faults}")
        quiet = 0
        try:
            self._run_with_faults()
            quiet = self._run_quietly()
            if not self.violations:
                self.violations += judge(scene, self._read_states(), self.mishaps.dead_letters)
        except PlaceStopped as stopped:
            self.violations.append(Violation(Anomaly.STOPPED, str(stopped)))
        except Exception as error:
            # Whatever a place is given and however it is driven, nothing but PlaceStopped may leave it, and nothing odd may reach a client.
            where = traceback.extract_tb(error.__traceback__)[-1]
            self.violations.append(Violation(Anomaly.STOPPED, f"{type(error).__name__} in {where.name}: {error}"))
        for violation in self.violations:
            scene.tell(str(violation))
        scene.sights["run"] += 1
        scene.sights["machine made anew from records"] += scene.job.machines_opened
        return Result(scene.setting, self.violations, scene.sights, scene.step, quiet, scene.trace)

    def _run_with_faults(self) -> None:
        scene = self.scene
        per_request = _SLOW_STEPS_PER_REQUEST if scene.faults.slow else _STEPS_PER_REQUEST
        limit = int(per_request * len(scene.waiting) * scene.draw.random())
        self._take_steps([*self._usual, *self.mishaps.all()], lambda: scene.step >= limit)

    def _run_quietly(self) -> int:
        """Let the last faults end, and require that all is answered in a bounded number of steps."""
        scene = self.scene
        scene.end_faults()
        began = scene.step
        for caller in (*scene.callers, scene.twin):
            for pending in caller.open.values():
                scene.append(caller, pending)
        bound = began + _QUIET_STEPS + _QUIET_STEPS_PER_REQUEST * (len(scene.plan.setup) + len(scene.plan.asks))
        self._take_steps(self._usual, lambda: scene.step >= bound)
        if not scene.is_done():
            waiting = sorted(name for caller in scene.callers for name in caller.open)
            self.violations.append(Violation(Anomaly.STUCK, f"after {scene.step - began} steps without faults: {', '.join(waiting)}"))
        return scene.step - began

    def _read_states(self) -> Caller:
        scene = self.scene
        reader = scene.caller("reader")
        scene.callers = [*scene.callers, reader]
        for ask in final_asks(scene):
            scene.send(reader, ask)
        bound = scene.step + _QUIET_STEPS + _QUIET_STEPS_PER_REQUEST * len(reader.sent)
        self._take_steps(self._usual, lambda: scene.step >= bound)
        return reader

    def _is_idle(self, actions: list[Action]) -> bool:
        """Tell whether no step that may come will do anything: nothing is left to do, or only a fault could help."""
        return len(actions) == len(self._usual) or self.scene.is_done()

    def _take_steps(self, actions: list[Action], is_over: Callable[[], bool]) -> None:
        """Take steps, each chosen by its weight, until it is over or there is nothing left to do."""
        scene = self.scene
        chosen = [action for action in actions if action[0]]
        steps = [step for _, step in chosen]
        bounds = list(accumulate(weight for weight, _ in chosen))
        while not is_over():
            scene.pass_time()
            step = steps[bisect_right(bounds, scene.draw.random() * bounds[-1])]
            if not step() and not any(step() for _, step in self._usual) and not scene.push(waits=False) and self._is_idle(chosen):
                return
            if scene.job.zombies:
                self.mishaps.fade_zombies()
