"""How much memory this process may use."""

from __future__ import annotations

import functools
import os
from pathlib import Path

from stateflow.limits import CACHE_BYTES, CACHE_SHARE

__all__ = ["cache_share_bytes", "memory_bytes"]

_CONTAINER_FILES = ("memory.max", "memory/memory.limit_in_bytes")


def memory_bytes(control_groups: Path = Path("/sys/fs/cgroup")) -> int:
    """Return the memory of the machine, or of the container where that has less; 0 where the system does not tell.

    Args:
        control_groups: where Linux has the limits of containers, of the present and of the former kind.
    """
    try:
        found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    except (AttributeError, OSError, ValueError):
        return 0
    for name in _CONTAINER_FILES:
        try:
            found.append(int((control_groups / name).read_text()))
        except (OSError, ValueError):
            # No such kind, or `max`.
            continue
    return max(0, min(found))


@functools.cache
def cache_share_bytes() -> int:
    """Return what the entities in memory may take where nobody says otherwise."""
    return max(CACHE_BYTES, memory_bytes() // CACHE_SHARE)
