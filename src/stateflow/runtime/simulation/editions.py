"""The workloads' classes, compiled: as they are, and as a later version of their code has them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import stateflow
from stateflow.histories.workloads import CLASSES

if TYPE_CHECKING:
    from stateflow.dataflow import Dataflow

__all__ = ["first_edition", "second_edition"]


@functools.cache
def first_edition() -> Dataflow:
    """Return the dataflow of the workloads, compiled once in a process."""
    return stateflow.init(*CLASSES)


@functools.cache
def second_edition() -> Dataflow:
    """Return the dataflow that an upgrade brings."""
    return stateflow.init(*CLASSES)
