"""The limits of StateFlow, each with its reason. What passes one of them raises `LimitExceeded`."""

from __future__ import annotations

from typing import Final

__all__ = [
    "CALL_DEPTH",
    "KEY_BYTES",
    "KEY_NESTING",
    "NATIVE_CALL_DEPTH",
    "STACKED_NESTING",
    "VALUE_BYTES",
    "VALUE_NODES",
]

VALUE_BYTES: Final = 64 * 1024 * 1024
"""The size of one encoded value. A larger state makes each commit, checkpoint and move slow; it belongs in several entities."""

VALUE_NODES: Final = 4_000_000
"""Objects with parts in one value. Each takes about 100 bytes of memory on reading, so that hostile bytes cannot ask for gigabytes."""

STACKED_NESTING: Final = 500
"""How deep tuples, iterators, bound methods and other immutable objects may hold one another. CPython hashes and frees those by recursion
in C without a check; far deeper ones would overflow its stack. Lists, dicts and instances have no such limit."""

KEY_BYTES: Final = 4_096
"""The size of one encoded key. Keys are hashed, compared and logged with each request, so a long one costs everywhere."""

KEY_NESTING: Final = 8
"""How deep tuples may nest in a key; real composite keys have one or two levels."""

CALL_DEPTH: Final = 900
"""Calls within calls of one request. Deeper ones are runaway recursion; CPython's own default limit is 1000."""

NATIVE_CALL_DEPTH: Final = 60
"""Calls between entities that run on the interpreter's stack. Deeper ones continue on a stack of frames, which cannot overflow."""
