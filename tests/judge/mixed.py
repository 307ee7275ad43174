"""A program's requests, each call delayed, mixed with requests of another client that read the same entities and repeat requests."""

from __future__ import annotations

import io
import random
import sys
from typing import TYPE_CHECKING, Any

from stateflow.core.machine import Machine
from stateflow.core.place import Place
from stateflow.core.placement import EntityPlacement
from stateflow.errors import EntityNotFound
from stateflow.runtime.simulation import Cluster
from tests.judge.canonical import Canonical, canonical_value
from tests.judge.compiled import own_key
from tests.judge.corpus import Program
from tests.judge.placed import PlacedWorld

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from stateflow.client.future import StateflowFuture
    from stateflow.core.placed import PlacedTransaction
    from stateflow.core.saved import Root
    from stateflow.protocol.messages import Request
    from tests.judge.world import Run

__all__ = ["MixedWorld", "run_mixed"]

Known = tuple[type, Any, str]  # class, key, name of an attribute

_SCRIPT = "script"
_OUTSTANDING = 4


class _WatchedPlace(Place):
    """Forgets what an attempt printed when the method begins again: only the last time took effect."""

    def _begin(self, root: Root, request: Request) -> None:
        _forget(root.start.request_id)
        super()._begin(root, request)

    def _begin_with_fetched(self, tx: PlacedTransaction) -> None:
        _forget(tx.header.request_id)
        super()._begin_with_fetched(tx)


def _forget(request_id: str) -> None:
    if request_id.startswith(_SCRIPT) and isinstance(sys.stdout, io.StringIO):
        sys.stdout.seek(0)
        sys.stdout.truncate()


class _WatchedMachine(Machine):
    place_type = _WatchedPlace


class _WatchedCluster(Cluster):
    machine_type = _WatchedMachine


class MixedWorld(PlacedWorld):
    """While a request of the script is under way, another client reads states and repeats of the request arrive.

    Some reads are transactions of an observer over two entities, which hold one while they wait for the other: they die and begin again.

    Attributes:
        reads: how many reads there were.
    """

    def __init__(self, module: ModuleType, observer: type, known: list[Known], *, seed: int) -> None:
        super().__init__(module, EntityPlacement(), seed=seed, suspends=True, cluster=_WatchedCluster, others=(observer,))
        self.reads = 0
        self._random = random.Random(seed)
        self._other = self.cluster.client("other")
        self._known = known
        self._refs = [self._other.ref(cls, key) for cls, key, _ in known]
        self._observer = self._other.wait(self._other.create(observer, "observer"))

    def wait(self, future: StateflowFuture[Any]) -> Any:
        """Deliver and disturb until the script's request has ended; then check what the other client saw."""
        before = self._committed()
        reading: list[tuple[tuple[int, ...], StateflowFuture[Any]]] = []
        while not future.done():
            if self._random.random() < 0.3:
                self._disturb(reading)
            assert self.cluster.deliver(), "nothing is left to deliver, and the request has not ended"
        while self.cluster.deliver():
            pass
        after = self._committed()
        for numbers, read in reading:
            self.reads += 1
            assert self._seen(read) in (_expected(before, numbers), _expected(after, numbers)), "a state between two transactions was read"
        return future.get()

    def _disturb(self, reading: list[tuple[tuple[int, ...], StateflowFuture[Any]]]) -> None:
        if self._random.random() < 0.2:
            self.cluster.repeat_last(_SCRIPT)
        elif self._refs and sum(not read.done() for _, read in reading) < _OUTSTANDING:
            numbers = tuple(self._random.randrange(len(self._refs)) for _ in "12")
            reading.append((numbers, self._look(numbers)))

    def _look(self, numbers: tuple[int, ...]) -> StateflowFuture[Any]:
        one, two = (self._refs[number] for number in numbers)
        names = "_".join(str(self._known[number][2]) for number in numbers)
        return self._other.call(self._observer, f"look_{names}", one, two)

    def _seen(self, read: StateflowFuture[Any]) -> Canonical:
        try:
            return canonical_value(read.get(), self.identify)
        except (EntityNotFound, AttributeError) as error:
            return ("missing", type(error).__name__)

    def _committed(self) -> list[Canonical]:
        """Return what the attribute of each known entity is, with the script's next request held back."""
        own = {channel: list(envelopes) for channel, envelopes in self.cluster.channels.items() if channel[0] == _SCRIPT}
        for channel in own:
            self.cluster.channels[channel].clear()
        reads = [self._other.get(ref, known[2]) for ref, known in zip(self._refs, self._known, strict=True)]
        self.cluster.run(lambda: all(read.done() for read in reads))
        for channel, envelopes in own.items():
            self.cluster.channels[channel].extend(envelopes)
        return [self._seen(read) for read in reads]


def _expected(values: list[Canonical], numbers: tuple[int, ...]) -> Canonical:
    for number in numbers:
        if values[number][0] == "missing":
            return values[number]
    return ("tuple", [values[number] for number in numbers])


def run_mixed(program: Program, expected: Run, known: list[tuple[str, Any]], folder: Path, *, seed: int) -> tuple[Run, int]:
    """Run a program.

    Args:
        program: the program.
        expected: what CPython made of it.
        known: class name and key of each entity.
        folder: where the observer's module is written.
        seed: decides the order of deliveries and the other client's requests.

    Returns:
        The run, and how often the other client read.
    """
    module = program.load()
    names = [(getattr(module, name), own_key(module, key)) for name, key in known]
    attributes = [_attribute(expected.states[f"{cls.__name__}({key!r})"]) for cls, key in names]
    observed = [(cls, key, attribute) for (cls, key), attribute in zip(names, attributes, strict=True) if attribute]
    world = MixedWorld(module, _observer(folder, sorted({attribute for _, _, attribute in observed})), observed, seed=seed)
    try:
        module.script(world)
        return world.finish(names), world.reads
    finally:
        world.close()


def _attribute(state: Canonical | None) -> str:
    """Return the name of an attribute of an entity: the last of the public ones."""
    names = [name for name, _ in state[1] if name.isidentifier() and not name.startswith("_")] if state else []
    return names[-1] if names else ""


def _observer(folder: Path, attributes: list[str]) -> type:
    """Return an entity class with a method `look_x_y(one, two)` for each two attributes."""
    lines = [
        "import stateflow",
        "@stateflow.entity",
        "class Onlooker:",
        "    def __init__(self, name):",
        "        self.name, self.looks = name, 0",
    ]
    lines += ["    def __key__(self):", "        return self.name"]
    for one in attributes:
        for two in attributes:
            lines += [f"    def look_{one}_{two}(self, one, two):", "        self.looks += 1", f"        return one.{one}, two.{two}"]
    folder.mkdir(exist_ok=True)
    path = folder / "onlooker.py"
    path.write_text("\n".join(lines))
    observer: type = Program(path).load().Onlooker
    return observer
