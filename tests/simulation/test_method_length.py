from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.method_length import measure_length


@pytest.mark.parametrize("blocks", [100, pytest.param(1_000, marks=pytest.mark.slow)])
def test_bytes_on_the_wire_do_not_grow_with_the_length_of_a_method(blocks: int, tmp_path: Path) -> None:
    short, long = measure_length(10, tmp_path), measure_length(blocks, tmp_path)
    assert short["moves"] == long["moves"] == 1
    # The program counter and the argument that names the step are numbers with more digits.
    assert 0 <= long["bytes"] - short["bytes"] <= 12
