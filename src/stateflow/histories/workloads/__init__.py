"""Classes whose transactions report what they saw, and requests to them in random mixes."""

from __future__ import annotations

from stateflow.histories.workloads import orders, shop, transfers, trees
from stateflow.histories.workloads.mixes import PLANS

__all__ = ["CLASSES", "PLANS"]

CLASSES: tuple[type, ...] = (
    transfers.Account, transfers.Auditor, shop.Buyer, shop.Ware,
    orders.Customer, orders.District, orders.Stock, orders.Warehouse, trees.Leaf, trees.Node,
)  # fmt: skip
"""The entity classes of all workloads; one dataflow holds them."""
