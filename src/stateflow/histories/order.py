"""The order graph: is there one order of all transactions that explains what each saw, and agrees with real time?

After Adya, *Weak Consistency* (1999), with the versions known from the reports instead of being searched for, as in the transaction tests
of Orleans. Nodes are transactions. An edge goes from the writer of a version to its readers and to the writer of the next, from a reader to
the writer of the next version, and from each transaction to those that were sent after its reply. A cycle is a violation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stateflow.histories.chains import WRITES, build_chains
from stateflow.histories.graph import REAL_TIME, OrderGraph
from stateflow.histories.history import UNKNOWN, Anomaly, Entry, Violation
from stateflow.histories.misses import place_misses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stateflow.histories.history import Seen

__all__ = ["Order", "check_order"]


class Order(NamedTuple):
    """What was found.

    Attributes:
        violations: empty when all is well.
        names: the transactions in an order that explains everything; as far as there is one.
    """

    violations: list[Violation]
    names: list[str]


def check_order(entries: Sequence[Entry]) -> Order:
    """Find an order of transactions that explains what each saw, or show why there is none.

    Args:
        entries: all transactions, those that ended with an exception too. Names are unique and do not begin with `@`.

    Returns:
        The violations, and the order.
    """
    chains = build_chains(entries)
    graph = OrderGraph(entries)
    graph.add_real_time()
    for entry in entries:
        for seen in _met_from_others(entry):
            graph.add_access(chains.writers[seen.entity], entry.name, seen)
    violations = [*chains.violations, *place_misses(graph, chains)]
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


def _describe(cycle: list[tuple[str, str]]) -> Violation:
    is_stale = any(reason == REAL_TIME for _, reason in cycle)
    text = " -> ".join(f"{node} ({reason})" for node, reason in cycle)
    return Violation(Anomaly.STALE if is_stale else Anomaly.CYCLE, text)
