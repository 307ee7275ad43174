"""Whether a saved state fits the log, and whether a job is where it was."""

from __future__ import annotations

import struct

import pytest

from stateflow.runtime.flink.catching_up import behind
from stateflow.runtime.flink.savepoints import misfit, read_split


@pytest.mark.parametrize(
    ("positions", "ranges", "reason"),
    [
        ({0: 10, 1: 20}, {0: (0, 10), 1: (20, 30)}, ""),
        ({0: 9}, {0: (10, 12)}, "it needs partition 0 of the log from offset 9 on, and the broker has deleted what is before 10"),
        ({0: 13}, {0: (10, 12)}, "it goes on at offset 13 of partition 0, where the log ends at 12: it was made over another log"),
        ({0: 0}, {0: (0, 0), 1: (0, 0)}, "it was made over a log of 1 partitions, and the log has 2"),
    ],
)
def test_state_fits_a_log_that_still_has_all_that_comes_next(
    positions: dict[int, int], ranges: dict[int, tuple[int, int]], reason: str
) -> None:
    assert misfit(positions, ranges) == reason


def test_split_is_read_among_others() -> None:
    def split(topic: str, partition: int, first: int) -> bytes:
        name = topic.encode()
        inner = struct.pack(">H", len(name)) + name + struct.pack(">iqq", partition, first, -(2**63))
        return struct.pack(">iii", len(inner) + 8, 0, len(inner)) + inner

    before, after = split("shop.log", 0, 7), split("shop.log", 3, 2**40)
    assert read_split(before + after, 0) == (0, 7)
    assert read_split(before + after, len(before)) == (3, 2**40)


@pytest.mark.parametrize(
    ("noted", "wanted", "is_behind"),
    [({0: 5}, {0: 5}, False), ({0: 6}, {0: 5}, False), ({0: 4}, {0: 5}, True), ({}, {0: 0}, False), ({}, {0: 1}, True)],
)
def test_job_is_behind_until_each_partition_is_saved_as_far_as_wanted(
    noted: dict[int, int], wanted: dict[int, int], is_behind: bool
) -> None:
    assert bool(behind(noted, wanted)) == is_behind
