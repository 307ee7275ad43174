"""Linearizability of each entity by itself: the versions that clients meet never go back in time.

The order graph finds this too; here the message names one entity and two transactions. As versions are totally ordered and reported, one
pass over the accesses by time suffices (compare Gibbons and Korach, *Testing shared memories*, 1997, for values that name their writes).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from stateflow.histories.history import UNKNOWN, Act, Anomaly, Entry, Outcome, Violation

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["check_entities"]


def check_entities(entries: Sequence[Entry]) -> list[Violation]:
    """Check that nobody meets an older version of an entity than one that was met, or made, before its request was sent."""
    # An access is (when it was sent, when it was answered, the version it met, the version it left, who).
    accesses: defaultdict[str, list[tuple[int, int, int, int, str]]] = defaultdict(list)
    for entry in entries:
        if entry.outcome is Outcome.UNKNOWN:
            continue
        is_kept = entry.outcome is Outcome.COMMITTED
        for entity, met, left in _spans(entry):
            accesses[entity].append((entry.invoked, entry.replied, met, left if is_kept else met, entry.name))
    return [violation for entity, found in accesses.items() for violation in _check(entity, found)]


def _spans(entry: Entry) -> list[tuple[str, int, int]]:
    """Return each entity with the version that a transaction met first and the one that it left."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for seen in entry.seen:
        if seen.version != UNKNOWN:
            first.setdefault(seen.entity, seen.version)
            last[seen.entity] = seen.version + (seen.act in (Act.CHANGE, Act.DELETE))
    return [(entity, version, last[entity]) for entity, version in first.items()]


def _check(entity: str, accesses: list[tuple[int, int, int, int, str]]) -> list[Violation]:
    answered = sorted(accesses, key=lambda access: access[1])
    violations = []
    newest, by, position = 0, "", 0
    for invoked, _, met, _, name in sorted(accesses):
        while position < len(answered) and answered[position][1] < invoked:
            if answered[position][3] > newest:
                newest, by = answered[position][3:5]
            position += 1
        if met < newest:
            violations.append(Violation(Anomaly.STALE, f"{name} met {entity} {met} after the reply of {by}, which knew {newest}"))
    return violations
