"""What is refused at compile time, each refusal with the user's line.

A check is a function over the context and the types of receivers. It adds what it finds to the context's bag. The last one looks at the
analysed program instead, which the compiler then goes on with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.compiler.checks.arguments import check_arguments
from stateflow.compiler.checks.bodies import check_bodies
from stateflow.compiler.checks.classes import check_classes_shape, check_hidden_methods
from stateflow.compiler.checks.context import Context
from stateflow.compiler.checks.decorators import check_decorators
from stateflow.compiler.checks.kept import check_attributes
from stateflow.compiler.checks.keys import check_init, check_key, check_key_stays
from stateflow.compiler.checks.library import check_library
from stateflow.compiler.checks.local_uses import check_local_uses
from stateflow.compiler.checks.members import check_members
from stateflow.compiler.checks.nesting import check_nesting
from stateflow.compiler.checks.objects import check_objects
from stateflow.compiler.checks.partitions import check_partition
from stateflow.compiler.checks.receivers import Receivers
from stateflow.compiler.checks.resumables import check_resumables
from stateflow.compiler.checks.shared_state import check_shared_state
from stateflow.compiler.checks.suspensions import check_suspensions
from stateflow.compiler.checks.unknown_names import check_names
from stateflow.compiler.checks.versions import check_former_names, check_upgrade
from stateflow.compiler.program import Program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stateflow.compiler.diagnostics import DiagnosticBag

__all__ = ["CHECKS", "check_and_analyse", "check_classes", "run_checks"]

CHECKS = (
    check_classes_shape,
    check_key,
    check_init,
    check_key_stays,
    check_partition,
    check_hidden_methods,
    check_upgrade,
    check_former_names,
    check_names,
    check_members,
    check_arguments,
    check_shared_state,
    check_library,
    check_objects,
    check_bodies,
    check_suspensions,
    check_attributes,
    check_local_uses,
    check_decorators,
)
# No source; not a plain class; which of two classes a name means.
_WITHOUT_ANALYSIS = frozenset({"SF103", "SF104", "SF108", "SF110", "SF118"})


def check_classes(classes: Sequence[type]) -> DiagnosticBag:
    """Check entity classes and all that they reach; return every error and warning."""
    return check_and_analyse(classes)[0]


def check_and_analyse(classes: Sequence[type]) -> tuple[DiagnosticBag, Program | None]:
    """Check entity classes; return what was found, and the analysed program.

    There is no program when a class is refused that has no source, or is no plain class: its analysis would say nothing of what the user
    meant.
    """
    from stateflow.compiler.pipeline import analyse

    context = Context(classes)
    check_nesting(context)
    if context.bag.errors:
        return context.bag, None
    receivers = run_checks(context)
    if any(d.code in _WITHOUT_ANALYSIS for d in context.bag.errors):
        return context.bag, None
    program = Program(context.entities)
    analyse(program)
    check_resumables(context, receivers, program)
    return context.bag, program


def run_checks(context: Context) -> Receivers:
    """Run the checks that need no analysed program; what they found is in the bag of the context. Return the types that they found."""
    receivers = Receivers(context)
    for check in CHECKS:
        check(context, receivers)
    return receivers
