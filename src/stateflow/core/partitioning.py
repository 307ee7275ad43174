"""What decides the partition of an entity: its key, or what the `__partition__` of its class makes of the key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.errors import InvalidKey, InvalidPartition, LimitExceeded
from stateflow.protocol.keys import check_key, encode_key

if TYPE_CHECKING:
    from collections.abc import Callable

    Rule = Callable[[Any], object]

__all__ = ["check_partition", "deciding_key", "find_rule"]


def find_rule(cls: type) -> Rule | None:
    """Return the function that makes of a key what decides the partition; None where that is the key itself."""
    for base in cls.__mro__:
        found = base.__dict__.get("__partition__")
        if found is not None:
            rule: Rule = found.__func__
            return rule
    return None


def check_partition(cls: type, key: object) -> None:
    """Refuse to create an entity whose class cannot say where it belongs. Engines of one place ask too, so that all refuse alike.

    Raises:
        InvalidPartition: `__partition__` fails for the key, or answers what cannot be a key.
    """
    rule = find_rule(cls)
    if rule is None:
        return
    try:
        check_key(rule(key))
    except (InvalidKey, LimitExceeded) as error:
        raise InvalidPartition(cls.__name__, key, str(error).partition(": ")[2]) from None
    except Exception as error:
        raise InvalidPartition(cls.__name__, key, f"it raised {type(error).__name__}: {error}") from error


def deciding_key(rule: Rule, key: object) -> bytes:
    """Return the bytes that decide the partition. Where the rule fails for a key, no entity can have the key: any place may say so."""
    try:
        return encode_key(rule(key))
    except Exception:
        return encode_key(key)
