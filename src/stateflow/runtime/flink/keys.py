"""What has to be the same in all workers, now and after each restart: the hash seed, and the keys of places."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Final

__all__ = ["HASH_SEED", "MAX_PARALLELISM", "place_keys"]

MAX_PARALLELISM: Final = 128
"""Key groups of the job. Flink gives each parallel part a run of them; the number can never be changed for a job with state."""


HASH_SEED: Final = "0"
"""`PYTHONHASHSEED` of the workers: a replay must see sets of strings in the order of the first run."""


def place_keys(places: int) -> tuple[int, ...]:
    """Return an integer for each place, whose key groups lie evenly between 0 and `MAX_PARALLELISM`."""
    # The middle of each place's share: its ends are where Flink may cut.
    wanted = [(2 * place + 1) * MAX_PARALLELISM // (2 * places) for place in range(places)]
    missing = Counter(wanted)
    found: dict[int, list[int]] = {group: [] for group in missing}
    for number in itertools.count():
        group = key_group(number)
        if missing[group]:
            missing[group] -= 1
            found[group].append(number)
            if not missing.total():
                break
    return tuple(found[group].pop(0) for group in wanted)


def key_group(key: int) -> int:
    """Return the key group of an integer: Flink mixes its hash code by MurmurHash3 of one word (`MathUtils.murmurHash`)."""
    code = key * 0xCC9E2D51 & 0xFFFFFFFF
    code = _rotate(code, 15) * 0x1B873593 & 0xFFFFFFFF
    code = _rotate(code, 13) * 5 + 0xE6546B64 & 0xFFFFFFFF
    code ^= 4
    code = (code ^ code >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    code = (code ^ code >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    code ^= code >> 16
    signed = code - 2**32 if code >= 2**31 else code
    positive = signed if signed >= 0 else -signed if signed != -(2**31) else 0
    return positive % MAX_PARALLELISM


def _rotate(word: int, bits: int) -> int:
    return (word << bits | word >> 32 - bits) & 0xFFFFFFFF
