"""Histories of transactions, and checkers that tell whether one order explains them. Any engine can be checked.

A workload's transactions report what they saw; `check_order` finds an order of them, `check_entities` looks at each entity by itself, and
`replay` runs the order on plain Python objects. `docs/explanation/simulation.md` shows them at work.
"""

from __future__ import annotations

from stateflow.histories.history import UNKNOWN, Act, Anomaly, Entry, Outcome, Seen, Violation, read_seen
from stateflow.histories.linear import check_entities
from stateflow.histories.order import Order, check_order

__all__ = ["UNKNOWN", "Act", "Anomaly", "Entry", "Order", "Outcome", "Seen", "Violation", "check_entities", "check_order", "read_seen"]
