from __future__ import annotations

import random
from collections import Counter
from itertools import accumulate, pairwise

import pytest

from stateflow.bench.keys import EXPONENT, Distribution, ZipfRanks, choose_from


def exact_shares(count: int) -> list[float]:
    weights = [rank**-EXPONENT for rank in range(1, count + 1)]
    total = sum(weights)
    return [share / total for share in accumulate(weights)]


@pytest.mark.parametrize("count", [3, 100, 5_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_zipf_is_close_to_the_exact_distribution(count: int) -> None:
    ranks, exact = ZipfRanks(count), exact_shares(count)
    apart = [abs(ranks.share_up_to(rank) - share) for rank, share in enumerate(exact)]
    assert apart[:2] == pytest.approx([0, 0], abs=1e-12)
    # The published curve gives ranks from the third on up to some 2 % too much or too little, all together.
    assert max(apart) < 0.025
    assert ranks.share_up_to(count - 1) == pytest.approx(1)


def test_draws_have_the_shares_that_the_generator_states() -> None:
    count, draws, draw = 50, 200_000, random.Random(1)
    ranks = ZipfRanks(count)
    found = Counter(ranks.rank(draw.random()) for _ in range(draws))
    shares = [ranks.share_up_to(rank) for rank in range(count)]
    expected = [draws * (share - (shares[rank - 1] if rank else 0)) for rank, share in enumerate(shares)]
    chi_square = sum((found[rank] - expected[rank]) ** 2 / expected[rank] for rank in range(count))
    # 49 degrees of freedom: one of 10,000 right generators is above.
    assert chi_square < 95
    assert ranks.rank(1 - 2**-53) == count - 1


@pytest.mark.parametrize("count", [2, 10, 5_000, 999_983])
def test_every_key_can_be_drawn_and_no_other(count: int) -> None:
    choose = choose_from(count, Distribution.ZIPF, random.Random(2))
    found = {choose() for _ in range(20 * count if count < 100 else 20_000)}
    assert min(found) >= 0
    assert max(found) < count
    if count < 100:
        assert len(found) == count


def test_frequent_keys_are_spread_over_all() -> None:
    choose = choose_from(5_000, Distribution.ZIPF, random.Random(3))
    frequent = sorted(key for key, _ in Counter(choose() for _ in range(20_000)).most_common(10))
    assert min(b - a for a, b in pairwise(frequent)) > 50


def test_uniform_keys_are_even() -> None:
    choose = choose_from(10, Distribution.UNIFORM, random.Random(4))
    assert min(Counter(choose() for _ in range(10_000)).values()) > 850


@pytest.mark.parametrize(("count", "exponent"), [(2, 0.99), (10, 1.0), (10, 0.0)])
def test_ranks_without_such_a_distribution_are_refused(count: int, exponent: float) -> None:
    with pytest.raises(ValueError, match="no such distribution"):
        ZipfRanks(count, exponent)
