"""A transaction: one request, the entities that it touched, and the frames that it is made of."""

from __future__ import annotations

from stateflow.core.native_classes import mypyc_attr
from stateflow.core.operations import Operations

__all__ = ["Transaction"]


@mypyc_attr(allow_interpreted_subclasses=True)
class Transaction(Operations):
    """One request under way. Generated code calls its methods, which `Calls` and `Operations` define."""
