"""The order graph itself: transactions, and edges from each to those that must come later."""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from itertools import pairwise
from typing import TYPE_CHECKING

from stateflow.histories.history import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stateflow.histories.history import Entry, Seen

__all__ = ["REAL_TIME", "OrderGraph"]

REAL_TIME = "real time"
"""The reason of an edge from a reply to a later request."""


class OrderGraph:
    """Edges between transactions, each with its reason; and moments, which stand between replies and later requests."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries
        self.successors: dict[str, dict[str, str]] = {entry.name: {} for entry in entries}
        self._added: list[tuple[str, str]] = []

    def add(self, earlier: str, later: str, reason: str) -> None:
        """Add an edge, unless it is there, goes nowhere, or one of its ends is not in the history."""
        successors = self.successors.get(earlier)
        if successors is not None and earlier != later and later in self.successors and later not in successors:
            successors[later] = reason
            self._added.append((earlier, later))

    def add_access(self, writers: Mapping[int, str], name: str, seen: Seen) -> None:
        """Place a transaction between the writer of the version that it met and the writer of the next."""
        before, after = writers.get(seen.version), writers.get(seen.version + 1)
        if before is not None:
            self.add(before, name, f"made {seen.entity} {seen.version}, which the next one met")
        if after is not None:
            self.add(name, after, f"met {seen.entity} {seen.version}, and the next one made {seen.version + 1}")

    def mark(self) -> int:
        """Return a mark, to take back what is added from now on."""
        return len(self._added)

    def take_back(self, mark: int) -> None:
        """Remove the edges that were added since a mark."""
        for earlier, later in self._added[mark:]:
            del self.successors[earlier][later]
        del self._added[mark:]

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
