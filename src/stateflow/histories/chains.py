"""The versions of each entity, as their writers and readers report them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from stateflow.histories.history import UNKNOWN, Act, Anomaly, Entry, Outcome, Seen, Violation

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["WRITES", "Chains", "build_chains"]

WRITES = frozenset({Act.CHANGE, Act.DELETE})
"""What makes a version."""


class Chains:
    """Who made which version of each entity.

    Attributes:
        writers: for each entity, the writer of each version; version 0 has none.
        absences: for each entity, the versions at which it does not exist.
        violations: where reports contradict one another.
    """

    def __init__(self) -> None:
        self.writers: defaultdict[str, dict[int, str]] = defaultdict(dict)
        self.absences: defaultdict[str, set[int]] = defaultdict(lambda: {0})
        self.violations: list[Violation] = []

    def found(self, anomaly: Anomaly, text: str) -> None:
        """Note a violation."""
        self.violations.append(Violation(anomaly, text))

    def wrote(self, entity: str, version: int, writer: str) -> None:
        """Note who made a version."""
        other = self.writers[entity].setdefault(version, writer)
        if other != writer:
            self.found(Anomaly.LOST_UPDATE, f"{other} and {writer} both made {entity} {version}")


def build_chains(entries: Sequence[Entry]) -> Chains:
    """Collect the versions of all entities, and check that reports agree on them."""
    chains = Chains()
    for entry in entries:
        _check_own(chains, entry)
        if entry.outcome is Outcome.COMMITTED:
            for seen in entry.seen:
                if seen.act in WRITES:
                    chains.wrote(seen.entity, seen.version + 1, entry.name)
                if seen.act is Act.DELETE:
                    chains.absences[seen.entity].add(seen.version + 1)
    outcomes = {entry.name: entry.outcome for entry in entries}
    for entry in entries:
        for seen in entry.seen:
            _check_writer(chains, outcomes, entry.name, seen)
    for entity, writers in chains.writers.items():
        missing = sorted({*range(1, max(writers, default=0) + 1)} - writers.keys())
        if missing:
            chains.found(Anomaly.GAP, f"nobody says to have made {entity} {missing[0]}, and there is {entity} {max(writers)}")
    return chains


def _check_own(chains: Chains, entry: Entry) -> None:
    """Check that a transaction sees one state of each entity, and its own changes from then on."""
    expected: dict[str, tuple[int, str, Act]] = {}
    for seen in entry.seen:
        if seen.entity in expected:
            _compare(chains, entry.name, seen, *expected[seen.entity])
        if seen.version == UNKNOWN:
            continue
        if seen.act in WRITES:
            expected[seen.entity] = (seen.version + 1, entry.name, seen.act)
        else:
            known = expected.get(seen.entity)
            expected[seen.entity] = (seen.version, seen.writer or (known[1] if known else ""), seen.act)


def _compare(chains: Chains, name: str, seen: Seen, version: int, writer: str, last: Act) -> None:
    if seen.version == UNKNOWN:
        if last in (Act.LOOK, Act.CHANGE):
            chains.found(Anomaly.UNREPEATABLE, f"{name} missed {seen.entity}, where it had left version {version}")
    elif seen.version != version or (seen.writer and writer and seen.writer != writer):
        text = f"{name} met {seen.entity} {seen.version} of {seen.writer}, where it had left {version} of {writer}"
        chains.found(Anomaly.UNREPEATABLE, text)


def _check_writer(chains: Chains, outcomes: dict[str, Outcome], name: str, seen: Seen) -> None:
    """Check that the version which a transaction met was made as its writer says."""
    if seen.version in (UNKNOWN, 0) or seen.writer in ("", name):
        return
    said = chains.writers[seen.entity].get(seen.version)
    met = f"{name} met {seen.entity} {seen.version} of {seen.writer}"
    match outcomes.get(seen.writer):
        case Outcome.ABORTED:
            chains.found(Anomaly.DIRTY_READ, f"{met}, which was aborted")
        case Outcome.COMMITTED if said is None:
            chains.found(Anomaly.DUPLICATE_EFFECT, f"{met}, which does not say so")
        case Outcome.COMMITTED if said != seen.writer:
            chains.found(Anomaly.LOST_UPDATE, f"{met}, which {said} says to have made")
        case Outcome.UNKNOWN:
            # Its reply was lost. What is seen of it shows that it was committed.
            chains.wrote(seen.entity, seen.version, seen.writer)
        case None:
            chains.found(Anomaly.GAP, f"{met}, and there is no such transaction")
