"""States of entities that left memory as objects are kept as bytes, bounded, and each is given back once."""

from __future__ import annotations

import gc
from random import Random

from stateflow.core.kept_states import KeptStates


def test_state_is_given_back_once_and_only_under_its_own_address() -> None:
    kept = KeptStates()
    kept.put(("A", b"bk"), b"1")
    kept.put(("Ab", b"k"), b"2")
    assert ("A", b"bk") in kept
    assert (kept.take(("A", b"bk")), kept.take(("A", b"bk")), kept.take(("B", b"bk"))) == (b"1", None, None)
    assert (kept.take(("Ab", b"k")), len(kept), kept.bytes) == (b"2", 0, 0)


def test_random_uses_agree_with_a_dict_and_stay_within_the_bound() -> None:
    draw, kept, known, limit = Random(4), KeptStates(), dict[int, bytes](), 5_000
    given = 0
    for _ in range(5_000):
        number = draw.randrange(60)
        state = kept.take(("Thing", b"%d" % number))
        assert state in (None, known.get(number))
        given += state is not None
        known[number] = draw.randbytes(draw.randrange(1, 300))
        kept.put(("Thing", b"%d" % number), known[number])
        kept.shrink(limit)
        assert kept.bytes <= limit
    assert 500 < given < 4_500
    kept.shrink(0)
    assert (len(kept), kept.bytes) == (0, 0)


def test_states_that_came_first_leave_first_when_as_many_came_again() -> None:
    kept = KeptStates()
    for number in range(10):
        kept.put(("Thing", b"%02d" % number), b"x")
    kept.shrink(kept.bytes // 2)
    assert len(kept) == 5
    for number in range(10, 15):
        kept.put(("Thing", b"%02d" % number), b"x")
    kept.shrink(kept.bytes // 2)
    assert [("Thing", b"%02d" % number) in kept for number in range(10, 15)] == [True] * 5


def test_garbage_collector_does_not_follow_what_is_kept() -> None:
    kept = KeptStates()
    for number in range(100):
        kept.put(("Thing", b"%02d" % number), b"x")
    assert not any(gc.is_tracked(part) for part in gc.get_referents(kept.__dict__) if type(part) is dict)
