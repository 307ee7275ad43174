"""What is refused at compile time, each refusal with the user's line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.compiler.diagnostics import DiagnosticBag

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["check_classes"]


def check_classes(classes: Sequence[type]) -> DiagnosticBag:
    """Check entity classes and all that they reach; return every error and warning."""
    return DiagnosticBag()
