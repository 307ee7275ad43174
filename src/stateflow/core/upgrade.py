"""Take over a state that another version of its class wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.core.store import get_state, set_state
from stateflow.errors import UpgradeFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stateflow.dataflow.schema import ClassSchema, ClassVersion

__all__ = ["upgrade_failure", "upgrade_instance"]


def upgrade_instance(instance: Any, key: object, state: dict[str, Any], schema: ClassSchema, stored: ClassVersion) -> None:
    """Give an empty object of the present class what a stored state holds, and let `__upgrade__` finish it.

    Args:
        instance: the object, without attributes.
        key: the key of the entity, which must stay.
        state: the stored attributes; `__upgrade__` may keep parts of them.
        schema: the present class.
        stored: the version that wrote the state.

    Raises:
        UpgradeFailed: the class cannot take the state over; the object is of no use then.
    """
    adapted = schema.adapt(state, stored)
    set_state(instance, adapted.state)
    if schema.needs_upgrade(stored):
        _call_upgrade(instance, key, state, schema, stored)
    _check(instance, key, adapted.missing, schema, stored)


def _call_upgrade(instance: Any, key: object, state: dict[str, Any], schema: ClassSchema, stored: ClassVersion) -> None:
    assert schema.upgrade is not None
    named = {schema.present_name(name): value for name, value in state.items()}
    try:
        if schema.upgrade_takes_number:
            schema.upgrade(instance, named, stored.number)
        else:
            schema.upgrade(instance, named)
    except Exception as error:
        raise upgrade_failure(schema, key, stored, f"__upgrade__ raised {type(error).__name__}: {error}") from error


def _check(instance: Any, key: object, missing: Sequence[str], schema: ClassSchema, stored: ClassVersion) -> None:
    state = get_state(instance)
    lacking = [name for name in missing if name not in state]
    if lacking:
        what = f"it lacks {_listed(lacking)}, which {schema.cls.__name__}.__init__ takes from its arguments"
        advice = "set it in __upgrade__" if schema.upgrade is not None else "define __upgrade__(self, state), or give it a default"
        raise upgrade_failure(schema, key, stored, f"{what}; {advice}")
    wrong = schema.wrong_kinds(state, stored)
    if wrong:
        kinds = " or ".join(kind.__name__ for kind in schema.kinds[wrong[0]])
        holds = type(state[wrong[0]]).__name__
        raise upgrade_failure(schema, key, stored, f"{wrong[0]} is now annotated as {kinds} and holds a {holds}; convert it in __upgrade__")
    try:
        present = instance.__key__()
    except Exception as error:
        raise upgrade_failure(schema, key, stored, f"its __key__ raised {type(error).__name__}: {error}") from error
    if type(present) is not type(key) or present != key:
        raise upgrade_failure(schema, key, stored, f"its __key__ now answers {present!r}; a key is set once")


def upgrade_failure(schema: ClassSchema, key: object, stored: ClassVersion, reason: str) -> UpgradeFailed:
    """Return the error that says why a class cannot take over a state that another version of it wrote."""
    return UpgradeFailed(schema.version.class_name, key, stored.label, reason)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
