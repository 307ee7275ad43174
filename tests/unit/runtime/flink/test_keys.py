"""Places lie evenly over the parallel parts of a job."""

from __future__ import annotations

from collections import Counter

import pytest

from stateflow.runtime.flink.keys import MAX_PARALLELISM, key_group, place_keys


@pytest.mark.parametrize(("places", "parts"), [(4, 2), (16, 4), (64, 8), (6, 3), (128, 128), (5, 2), (300, 4)])
def test_each_part_gets_its_share_of_places(places: int, parts: int) -> None:
    # Flink gives key group g to part g * parts // MAX_PARALLELISM.
    shares = Counter(key_group(key) * parts // MAX_PARALLELISM for key in place_keys(places))
    assert max(shares.values()) - min(shares.values()) <= 1
    assert len(shares) == min(places, parts)


def test_keys_are_the_same_in_each_run() -> None:
    assert place_keys(4) == place_keys(4)
    assert len(set(place_keys(300))) == 300


def test_groups_are_those_that_flink_computes() -> None:
    # What MathUtils.murmurHash(key) % 128 of flink-core 2.3.0 printed.
    assert [key_group(key) for key in (0, 1, 2, 3, 17, 1000, 123456789)] == [94, 86, 127, 113, 81, 7, 81]
