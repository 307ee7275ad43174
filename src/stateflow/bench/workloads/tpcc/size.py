"""The cardinalities of TPC-C (clause 1.2.1), or a share of them for quick runs."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["DISTRICTS", "Cardinality"]

DISTRICTS = 10
_CUSTOMERS = 3_000
_ITEMS = 100_000
_NEW_SHARE = 0.3
_NAMES = 1_000


class Cardinality(NamedTuple):
    """How many there are of each.

    Attributes:
        warehouses: W.
        customers: of each district, and as many orders at the beginning.
        items: that all warehouses sell; each has a catalogue with all of them, and a stock of all of them.
    """

    warehouses: int
    customers: int
    items: int

    @classmethod
    def of(cls, warehouses: int, scale: float) -> Cardinality:
        """Return the numbers of the standard, or a share of them."""
        return cls(warehouses, max(20, round(_CUSTOMERS * scale)), max(100, round(_ITEMS * scale)))

    @property
    def delivered(self) -> int:
        """How many orders of each district are not new at the beginning; 2,100 of 3,000."""
        return self.customers - round(self.customers * _NEW_SHARE)

    @property
    def names(self) -> int:
        """How many last names are in use."""
        return min(_NAMES, self.customers)

    @property
    def entities(self) -> int:
        """How many entities there are at the beginning: customers, each with an order, a payment, and namesakes among them."""
        in_district = 1 + 3 * self.customers + self.names
        return self.warehouses * (1 + 2 * self.items + DISTRICTS * in_district)
