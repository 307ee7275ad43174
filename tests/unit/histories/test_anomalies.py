"""Each anomaly is found in a made-up history that has it, and not in one that has not."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from stateflow.histories import UNKNOWN, Act, Anomaly, Entry, Outcome, Seen, check_entities, check_order


class Case(NamedTuple):
    name: str
    entries: list[Entry]
    expected: set[Anomaly]


def tx(name: str, invoked: int, replied: int, *seen: str, outcome: Outcome = Outcome.COMMITTED) -> Entry:
    """Make an entry; an access is written as `look x 3 t1` (act, entity, version, writer)."""
    return Entry(name, invoked, replied, outcome, tuple(_access(text) for text in seen))


def _access(text: str) -> Seen:
    act, entity, version, *writer = text.split()
    return Seen(entity, UNKNOWN if version == "?" else int(version), writer[0] if writer else "", Act(act))


# Two entities, and an entity that was made and deleted, as all cases find them.
SETUP = tx("s", 0, 1, "change x 0", "change y 0")
MADE = tx("m", 2, 3, "change z 0")
DROPPED = tx("d", 10, 12, "delete z 1 m")
GONE = Outcome.ABORTED

SOUND = [
    Case("nothing", [], set()),
    Case("writers one after the other", [SETUP, tx("a", 2, 9, "change x 1 s"), tx("b", 3, 8, "change x 2 a", "look y 1 s")], set()),
    Case("a reader of what it wrote", [SETUP, tx("a", 2, 3, "change x 1 s", "change x 2 a", "look x 3 a")], set()),
    Case("an aborted one that nobody saw", [SETUP, tx("a", 2, 3, "change x 1 s", outcome=GONE), tx("b", 4, 5, "change x 1 s")], set()),
    Case("an aborted one that saw its own changes", [
        SETUP, tx("a", 2, 3, "change x 1 s", "look x 2 a", outcome=GONE), tx("b", 4, 5, "change x 1 s"),
    ], set()),
    Case("a snapshot before and after", [
        SETUP, tx("a", 2, 9, "change x 1 s", "change y 1 s"),
        tx("b", 2, 8, "look x 1 s", "look y 1 s"), tx("c", 3, 9, "look x 2 a", "look y 2 a"),
    ], set()),
    Case("a creation and a deletion, and who missed it", [
        SETUP, MADE, tx("a", 0, 9, "miss z ?"), tx("b", 4, 11, "look z 1 m"),
        DROPPED, tx("c", 11, 13, "miss z ?"), tx("e", 14, 15, "change z 2 d"),
    ], set()),
    Case("one that misses what it deleted", [SETUP, MADE, tx("a", 4, 5, "look z 1 m", "delete z 1 m", "miss z ?", "change z 2 a")], set()),
    Case("one that deletes and makes again, and who missed it before", [
        SETUP, tx("a", 2, 20, "miss z ?"), tx("b", 4, 18, "look x 1 s", "miss z ?"),
        tx("m", 3, 19, "change z 0", "delete z 1 m", "change z 2 m", "change x 1 s"),
    ], set()),
    Case("one that could have missed before, if another had not missed after", [
        SETUP, tx("a", 2, 8, "miss z ?", "change w 0"), tx("m", 3, 9, "change z 0", "delete z 1 m", "miss w ?"),
    ], set()),
    Case("one whose first guess leaves another no time", [
        tx("a", 7, 68, "change v 0"), tx("b", 8, 71, "delete v 1 a"),
        tx("c", 19, 90, "change u 0", "delete u 1 c", "miss v ?"), tx("d", 0, 50, "change v 2", "miss u ?"),
    ], set()),
    Case("a reply that was lost, and its effect", [SETUP, tx("a", 2, 3, outcome=Outcome.UNKNOWN), tx("b", 1, 9, "look x 2 a")], set()),
]  # fmt: skip

ANOMALIES = [
    Case("dirty read", [SETUP, tx("a", 2, 9, "change x 1 s", outcome=GONE), tx("b", 3, 8, "look x 2 a")], {Anomaly.DIRTY_READ}),
    Case("lost update", [SETUP, tx("a", 2, 9, "change x 1 s"), tx("b", 3, 8, "change x 1 s")], {Anomaly.LOST_UPDATE}),
    Case("write skew", [
        SETUP, tx("a", 2, 9, "look x 1 s", "change y 1 s"), tx("b", 3, 8, "look y 1 s", "change x 1 s"),
    ], {Anomaly.CYCLE}),
    Case("read skew", [SETUP, tx("a", 2, 9, "change x 1 s", "change y 1 s"), tx("b", 3, 8, "look x 1 s", "look y 2 a")], {Anomaly.CYCLE}),
    Case("two observers that disagree on the order of two writers", [
        SETUP, tx("a", 2, 9, "change x 1 s"), tx("b", 2, 9, "change y 1 s"),
        tx("c", 3, 8, "look x 2 a", "look y 1 s"), tx("e", 3, 8, "look x 1 s", "look y 2 b"),
    ], {Anomaly.CYCLE}),
    Case("phantom of a creation: missed, and met its traces", [
        SETUP, tx("m", 2, 9, "change z 0", "change x 1 s"), tx("a", 3, 8, "look x 2 m", "miss z ?"),
    ], {Anomaly.PHANTOM}),
    Case("phantom of a creation: met, and missed its traces", [
        SETUP, tx("m", 2, 9, "change z 0", "change x 1 s"), tx("a", 3, 8, "look x 1 s", "look z 1 m"),
    ], {Anomaly.CYCLE}),
    Case("phantom of a deletion: met, and met the traces of its end", [
        SETUP, MADE, tx("d", 10, 19, "delete z 1 m", "change x 1 s"), tx("a", 11, 18, "look z 1 m", "look x 2 d"),
    ], {Anomaly.CYCLE}),
    Case("phantom of a deletion: missed, and missed the traces of its end", [
        SETUP, MADE, tx("d", 10, 19, "delete z 1 m", "change x 1 s"), tx("a", 11, 18, "miss z ?", "look x 1 s"),
    ], {Anomaly.PHANTOM}),
    Case("missed in the middle of a transaction that deletes and makes again", [
        SETUP, MADE, tx("r", 10, 19, "delete z 1 m", "change z 2 r"), tx("a", 11, 18, "miss z ?"),
    ], {Anomaly.PHANTOM}),
    Case("two that cannot both have missed", [
        SETUP, tx("a", 2, 8, "miss z ?", "change w 0"), tx("m", 3, 9, "change z 0", "miss w ?"),
    ], {Anomaly.PHANTOM}),
    Case("two that cannot both have missed, at any of several times", [
        SETUP, MADE, tx("a", 4, 30, "miss z ?", "change w 0"), tx("b", 4, 30, "miss w ?", "look z 3 r"),
        tx("r", 10, 30, "delete z 1 m", "look x 1 s"), tx("q", 10, 30, "change z 2 r"),
    ], {Anomaly.PHANTOM}),
    Case("missed after its creation was answered", [SETUP, MADE, tx("a", 4, 5, "miss z ?")], {Anomaly.PHANTOM}),
    Case("met after its deletion was answered", [SETUP, MADE, DROPPED, tx("a", 13, 14, "look z 1 m")], {Anomaly.STALE}),
    Case("made twice", [SETUP, MADE, tx("n", 4, 9, "change z 0")], {Anomaly.LOST_UPDATE, Anomaly.STALE}),
    Case("stale read after a reply", [SETUP, tx("a", 2, 3, "change x 1 s"), tx("b", 4, 5, "look x 1 s")], {Anomaly.STALE}),
    Case("stale read over two entities", [
        SETUP, tx("a", 2, 3, "change x 1 s", "change y 1 s"), tx("b", 4, 5, "look y 1 s"),
    ], {Anomaly.STALE}),
    Case("duplicate effect that a later one meets", [
        SETUP, tx("a", 2, 3, "change x 1 s"), tx("b", 4, 5, "change x 3 a"),
    ], {Anomaly.DUPLICATE_EFFECT, Anomaly.GAP}),
    Case("effect of nobody", [SETUP, tx("b", 4, 5, "look x 2 ghost")], {Anomaly.GAP}),
    Case("version of another writer", [
        SETUP, tx("a", 2, 3, "change x 1 s"), tx("b", 4, 5, "change y 1 s"), tx("c", 6, 7, "look x 2 b"),
    ], {Anomaly.LOST_UPDATE}),
    Case("a change forgotten within a transaction", [SETUP, tx("a", 2, 3, "change x 1 s", "look x 1 s")], {Anomaly.UNREPEATABLE}),
    Case("an entity that vanishes within a transaction", [SETUP, tx("a", 2, 3, "look x 1 s", "miss x ?")], {Anomaly.UNREPEATABLE}),
    Case("a world that changes within a transaction", [
        SETUP, tx("a", 2, 9, "change x 1 s"), tx("b", 3, 8, "look x 1 s", "look x 2 a"),
    ], {Anomaly.UNREPEATABLE, Anomaly.CYCLE}),
]  # fmt: skip


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in SOUND])
def test_sound_history_has_no_violation(case: Case) -> None:
    found = check_order(case.entries)
    assert found.violations == []
    assert check_entities(case.entries) == []
    assert sorted(found.names) == sorted(entry.name for entry in case.entries)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in ANOMALIES])
def test_anomaly_is_found_by_its_name(case: Case) -> None:
    found = {violation.anomaly for violation in check_order(case.entries).violations}
    assert case.expected <= found


@pytest.mark.parametrize("name", ["stale read after a reply", "stale read over two entities", "met after its deletion was answered"])
def test_stale_read_is_found_by_looking_at_one_entity_alone(name: str) -> None:
    [case] = [case for case in ANOMALIES if case.name == name]
    assert [violation.anomaly for violation in check_entities(case.entries)] == [Anomaly.STALE]


def test_order_explains_what_was_seen() -> None:
    entries = [SETUP, tx("late", 2, 90, "look x 1 s"), tx("a", 3, 80, "change x 1 s"), tx("b", 4, 70, "change x 2 a")]
    assert check_order(entries).names == ["s", "late", "a", "b"]


def test_cycle_is_told_with_its_reasons() -> None:
    [case] = [case for case in ANOMALIES if case.name == "write skew"]
    [violation] = check_order(case.entries).violations
    assert "a (met x 1, and the next one made 2) -> b (met y 1, and the next one made 2)" in str(violation)
