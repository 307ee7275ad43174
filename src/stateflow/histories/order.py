"""The order graph: is there one order of all transactions that explains what each saw, and agrees with real time?

After Adya, *Weak Consistency* (1999), with the versions known from the reports instead of being searched for, as in the transaction tests
of Orleans. Nodes are transactions. An edge goes from the writer of a version to its readers and to the writer of the next, from a reader to
the writer of the next version, and from each transaction to those that were sent after its reply. A cycle is a violation.
"""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from stateflow.histories.chains import WRITES, Chains, build_chains
from stateflow.histories.history import UNKNOWN, Act, Anomaly, Entry, Outcome, Violation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stateflow.histories.history import Seen

__all__ = ["Order", "check_order"]

REAL_TIME = "real time"


class Order(NamedTuple):
    """What was found.

    Attributes:
        violations: empty when all is well.
        names: the transactions in an order that explains everything; as far as there is one.
    """

    violations: list[Violation]
    names: list[str]


class _Graph:
    """Edges between transactions, each with its reason; and moments, which stand between replies and later requests."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries
        self.successors: dict[str, dict[str, str]] = {entry.name: {} for entry in entries}

    def add(self, earlier: str, later: str, reason: str) -> None:
        if earlier != later and earlier in self.successors and later in self.successors:
            self.successors[earlier].setdefault(later, reason)

    def add_real_time(self) -> None:
        """Order replies before later requests by a chain of moments: edges grow with the transactions, not with their pairs."""
        replies = sorted((entry for entry in self.entries if entry.outcome is not Outcome.UNKNOWN), key=lambda entry: entry.replied)
        moments = [f"@{number}" for number in range(len(replies))]
        self.successors |= {moment: {} for moment in moments}
        for number, entry in enumerate(replies):
            self.add(entry.name, moments[number], REAL_TIME)
            if number:
                self.add(moments[number - 1], moments[number], REAL_TIME)
        passed = 0
        for entry in sorted(self.entries, key=lambda entry: entry.invoked):
            while passed < len(replies) and replies[passed].replied < entry.invoked:
                passed += 1
            if passed:
                self.add(moments[passed - 1], entry.name, REAL_TIME)

    def reaches(self, start: str, end: str) -> bool:
        """Tell whether a path leads from one transaction to another."""
        found, waiting = {start}, [start]
        while waiting:
            node = waiting.pop()
            if node == end:
                return True
            fresh = [later for later in self.successors.get(node, ()) if later not in found]
            found.update(fresh)
            waiting += fresh
        return False

    def sorted(self) -> list[str]:
        """Return the nodes in an order that follows the edges, as far as there is one; those that were answered first come first."""
        hints = {entry.name: entry.replied for entry in self.entries}
        missing: dict[str, int] = defaultdict(int)
        for successors in self.successors.values():
            for later in successors:
                missing[later] += 1
        ready = [(hints.get(node, -1), node) for node in self.successors if not missing[node]]
        heapq.heapify(ready)
        found = []
        while ready:
            _, node = heapq.heappop(ready)
            found.append(node)
            for later in self.successors[node]:
                missing[later] -= 1
                if not missing[later]:
                    heapq.heappush(ready, (hints.get(later, -1), later))
        return found

    def cycle(self, placed: set[str]) -> list[tuple[str, str]]:
        """Return a short cycle among the nodes that found no place in the order: each node with the reason for the step to the next."""
        remaining = [node for node in self.successors if node not in placed]
        best: list[tuple[str, str]] = []
        for start in remaining[:200]:
            found = self._cycle_through(start, placed)
            if found and (not best or len(found) < len(best)):
                best = found
        return best

    def _cycle_through(self, start: str, placed: set[str]) -> list[tuple[str, str]]:
        came: dict[str, str] = {}
        waiting = deque([start])
        while waiting:
            node = waiting.popleft()
            for later in self.successors[node]:
                if later == start:
                    return self._steps([*self._way(came, start, node), start])
                if later not in placed and later not in came:
                    came[later] = node
                    waiting.append(later)
        return []

    @staticmethod
    def _way(came: dict[str, str], start: str, node: str) -> list[str]:
        way = [node]
        while way[-1] != start:
            way.append(came[way[-1]])
        return way[::-1]

    def _steps(self, way: list[str]) -> list[tuple[str, str]]:
        steps = [(node, self.successors[node][later]) for node, later in pairwise(way)]
        return [step for step in steps if not step[0].startswith("@")]


def check_order(entries: Sequence[Entry]) -> Order:
    """Find an order of transactions that explains what each saw, or show why there is none.

    Args:
        entries: all transactions, those that ended with an exception too. Names are unique and do not begin with `@`.

    Returns:
        The violations, and the order.
    """
    chains = build_chains(entries)
    graph = _Graph(entries)
    graph.add_real_time()
    for entry in entries:
        for seen in _met_from_others(entry):
            _add_access(graph, chains, entry.name, seen)
    violations = [*chains.violations, *_place_misses(graph, chains)]
    names = graph.sorted()
    if len(names) < len(graph.successors):
        violations.append(_describe(graph.cycle(set(names))))
    return Order(violations, [name for name in names if not name.startswith("@")])


def _met_from_others(entry: Entry) -> list[Seen]:
    """Return the accesses to what others left: of each entity those up to the first change of its own."""
    found, own = [], set()
    for seen in entry.seen:
        if seen.version != UNKNOWN and seen.entity not in own:
            found.append(seen)
        if seen.act in WRITES:
            own.add(seen.entity)
    return found


def _add_access(graph: _Graph, chains: Chains, name: str, seen: Seen) -> None:
    writers = chains.writers[seen.entity]
    before, after = writers.get(seen.version), writers.get(seen.version + 1)
    if before is not None:
        graph.add(before, name, f"made {seen.entity} {seen.version}, which the next one met")
    if after is not None:
        graph.add(name, after, f"met {seen.entity} {seen.version}, and the next one made {seen.version + 1}")


def _place_misses(graph: _Graph, chains: Chains) -> list[Violation]:
    """Find for each miss a time at which the entity was not there, the earliest that the order so far allows."""
    violations = []
    for entry in sorted(graph.entries, key=lambda entry: entry.replied):
        # Who also knows a version of the entity is placed by that already.
        known = {seen.entity for seen in entry.seen if seen.version != UNKNOWN}
        for seen in entry.seen:
            if seen.act is Act.MISS and seen.version == UNKNOWN and seen.entity not in known:
                writers = chains.writers[seen.entity]
                # What a transaction deleted and made again itself was away for nobody else.
                times = sorted(time for time in chains.absences[seen.entity] if not time or writers.get(time) != writers.get(time + 1))
                fitting = [time for time in times if not graph.reaches(writers.get(time + 1, ""), entry.name)]
                if not fitting or graph.reaches(entry.name, writers.get(fitting[0], "")):
                    violations.append(Violation(Anomaly.PHANTOM, f"{entry.name} missed {seen.entity} at a time when it was there"))
                else:
                    _add_access(graph, chains, entry.name, seen._replace(version=fitting[0]))
    return violations


def _describe(cycle: list[tuple[str, str]]) -> Violation:
    is_stale = any(reason == REAL_TIME for _, reason in cycle)
    text = " -> ".join(f"{node} ({reason})" for node, reason in cycle)
    return Violation(Anomaly.STALE if is_stale else Anomaly.CYCLE, text)
