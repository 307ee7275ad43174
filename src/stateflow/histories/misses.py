"""When was an entity missed? A transaction that says only that it was not there is placed at one of the times at which it was not."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stateflow.histories.history import UNKNOWN, Act, Anomaly, Violation

if TYPE_CHECKING:
    from stateflow.histories.chains import Chains
    from stateflow.histories.graph import OrderGraph
    from stateflow.histories.history import Seen

__all__ = ["MAX_GUESSES", "place_misses"]

MAX_GUESSES = 10_000
"""How many guesses are tried before a history counts as one without an order."""


class _Miss(NamedTuple):
    name: str
    seen: Seen


def place_misses(graph: OrderGraph, chains: Chains) -> list[Violation]:
    """Find for each miss a time at which the entity was not there, so that all of them agree with one another and with the order so far.

    A miss for which only one time is left is placed there first, since that may leave others fewer times. Where no miss is decided in this
    way, one is placed by a guess, the earliest time first, and taken to another time when the rest cannot be placed.

    Args:
        graph: the order so far, without a cycle; gets the edges of the misses.
        chains: who made which version.

    Returns:
        The misses that have no such time.
    """
    placing = _Placing(graph, chains)
    misses = _misses(graph)
    violations = []
    while (impossible := placing.place(misses)) is not None:
        violations.append(Violation(Anomaly.PHANTOM, f"{impossible.name} missed {impossible.seen.entity} at a time when it was there"))
        misses.remove(impossible)
    return violations


def _misses(graph: OrderGraph) -> list[_Miss]:
    found = []
    for entry in sorted(graph.entries, key=lambda entry: entry.replied):
        # Who also knows a version of the entity is placed by that already.
        known = {seen.entity for seen in entry.seen if seen.version != UNKNOWN}
        missed = [seen for seen in entry.seen if seen.act is Act.MISS and seen.version == UNKNOWN]
        found += [_Miss(entry.name, seen) for seen in missed if seen.entity not in known]
    return list(dict.fromkeys(found))


class _Placing:
    def __init__(self, graph: OrderGraph, chains: Chains) -> None:
        self.graph = graph
        self.chains = chains
        self.guesses = 0

    def place(self, misses: list[_Miss]) -> _Miss | None:
        """Place all, or return one that has no time and leave the graph as it was."""
        mark = self.graph.mark()
        waiting = list(misses)
        impossible = self._place_decided(waiting)
        if impossible is None and waiting:
            impossible = self._guess(waiting)
        if impossible is not None:
            self.graph.take_back(mark)
        return impossible

    def _place_decided(self, waiting: list[_Miss]) -> _Miss | None:
        """Place those for which one time is left, until there is none; return one for which none is."""
        before = -1
        while len(waiting) != before:
            before = len(waiting)
            for miss in list(waiting):
                times = self._times(miss)
                if not times:
                    return miss
                if len(times) == 1:
                    self._add(miss, times[0])
                    waiting.remove(miss)
        return None

    def _guess(self, waiting: list[_Miss]) -> _Miss | None:
        miss, *others = waiting
        impossible: _Miss | None = miss
        for time in self._times(miss):
            self.guesses += 1
            if self.guesses > MAX_GUESSES:
                break
            mark = self.graph.mark()
            self._add(miss, time)
            impossible = self.place(others)
            if impossible is None:
                break
            self.graph.take_back(mark)
        return impossible

    def _times(self, miss: _Miss) -> list[int]:
        """Return the versions at which the entity was not there and which the order allows this transaction to have met."""
        writers = self.chains.writers[miss.seen.entity]
        # What a transaction deleted and made again itself was away for nobody else.
        times = sorted(time for time in self.chains.absences[miss.seen.entity] if not time or writers.get(time) != writers.get(time + 1))
        return [time for time in times if self._fits(miss.name, writers.get(time), writers.get(time + 1))]

    def _fits(self, name: str, before: str | None, after: str | None) -> bool:
        late = after is not None and self.graph.reaches(after, name)
        early = before is not None and self.graph.reaches(name, before)
        return not late and not early

    def _add(self, miss: _Miss, time: int) -> None:
        self.graph.add_access(self.chains.writers[miss.seen.entity], miss.name, miss.seen._replace(version=time))
