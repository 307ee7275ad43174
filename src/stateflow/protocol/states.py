"""What all know of the bytes of an entity's state: whether it is flat, and what tells it from another one.

A *flat* state is one byte and a MessagePack map of plain scalars, a *tree* another byte and what `stateflow.protocol.trees` says; any
other state begins as the value codec's bytes do.
"""

from __future__ import annotations

import hashlib
from typing import Final

__all__ = ["FLAT", "SHORT_BYTES", "TREE", "digest_of_state"]

FLAT: Final = b"\x01"
"""The first byte of a flat state."""

TREE: Final = b"\x02"
"""The first byte of a tree state."""

SHORT_BYTES: Final = 256
"""A state of up to this size is its own digest."""


def digest_of_state(data: bytes | None) -> bytes | None:
    """Return what is kept to tell a state from another one; None when there is none."""
    return data if data is None or len(data) <= SHORT_BYTES else hashlib.blake2b(data, digest_size=16).digest()
