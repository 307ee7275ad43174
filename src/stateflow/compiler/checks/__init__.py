"""What is refused at compile time, each refusal with the user's line.

A check is a function over the context and the types of receivers. It adds what it finds to the context's bag.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.compiler.checks.arguments import check_arguments
from stateflow.compiler.checks.bodies import check_bodies
from stateflow.compiler.checks.classes import check_classes_shape, check_hidden_methods
from stateflow.compiler.checks.context import Context
from stateflow.compiler.checks.decorators import check_decorators
from stateflow.compiler.checks.keys import check_init, check_key, check_key_stays
from stateflow.compiler.checks.library import check_library
from stateflow.compiler.checks.members import check_members
from stateflow.compiler.checks.receivers import Receivers
from stateflow.compiler.checks.shared_state import check_shared_state
from stateflow.compiler.checks.suspensions import check_suspensions
from stateflow.compiler.checks.unknown_names import check_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stateflow.compiler.diagnostics import DiagnosticBag

__all__ = ["CHECKS", "check_classes"]

CHECKS = (
    check_classes_shape,
    check_key,
    check_init,
    check_key_stays,
    check_hidden_methods,
    check_names,
    check_members,
    check_arguments,
    check_shared_state,
    check_library,
    check_bodies,
    check_suspensions,
    check_decorators,
)


def check_classes(classes: Sequence[type]) -> DiagnosticBag:
    """Check entity classes and all that they reach; return every error and warning."""
    context = Context(classes)
    receivers = Receivers(context)
    for check in CHECKS:
        check(context, receivers)
    return context.bag
