"""Which keys a page of a list holds, and how large pages and snapshots may be. Clients check it, and engines again."""

from __future__ import annotations

from stateflow.errors import ConfigurationError, LimitExceeded
from stateflow.limits import LIST_ENTITIES, SNAPSHOT_ENTITIES
from stateflow.protocol.keys import KeyRange, encode_key, key_range

__all__ = ["check_page", "check_snapshot", "page_range"]


def page_range(prefix: object, after: object) -> KeyRange:
    """Return where the keys of a page lie.

    Args:
        prefix: what they begin with; None for all keys.
        after: the key that they come after, which need not exist; None to begin with the first.

    Raises:
        InvalidKey: one of these cannot be what it is meant to be.
        LimitExceeded: one of these is longer than any key.
    """
    found = key_range(prefix)
    if after is None:
        return found
    # The least bytes that come after those of this key.
    return KeyRange(max(found.first, encode_key(after) + b"\0"), found.end)


def check_page(limit: object) -> int:
    """Return how many entities a page holds at most.

    Raises:
        ConfigurationError: it is not a positive number.
        LimitExceeded: it is too large.
    """
    if type(limit) is not int or limit < 1:
        raise ConfigurationError(f"SF540: limit is {limit!r}; a page holds at least one entity")
    if limit > LIST_ENTITIES:
        raise LimitExceeded(f"SF530: a page of {limit} entities, more than {LIST_ENTITIES}; go on with after= the last of a smaller page")
    return limit


def check_snapshot(count: int) -> None:
    """Refuse a snapshot of too many entities.

    Raises:
        LimitExceeded: there are too many.
    """
    if count > SNAPSHOT_ENTITIES:
        raise LimitExceeded(f"SF530: a snapshot of {count} entities, more than {SNAPSHOT_ENTITIES}; ask for fewer at a time")
