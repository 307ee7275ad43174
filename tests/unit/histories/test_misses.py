"""What transactions did one after the other has an order that explains it, also where they do not know since when an entity was away."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stateflow.histories import UNKNOWN, Act, Entry, Outcome, Seen, check_order

ENTITIES = "uvw"


class World:
    """Entities that come and go, and what a transaction sees of them."""

    def __init__(self) -> None:
        self.versions = dict.fromkeys(ENTITIES, 0)
        self.writers: dict[str, str] = {}

    def see(self, entity: str, name: str, act: Act) -> Seen:
        """Do something with an entity: one that is away is missed by a look or a deletion, and created by a change."""
        version, writer = self.versions[entity], self.writers.get(entity, "")
        if not writer and act is not Act.CHANGE:
            return Seen(entity, UNKNOWN, "", Act.MISS)
        if act is not Act.LOOK:
            self.versions[entity] += 1
            self.writers[entity] = "" if act is Act.DELETE else name
        return Seen(entity, version, writer, act)


@st.composite
def histories(draw: st.DrawFn) -> list[Entry]:
    """Draw transactions that run one after the other, whose clients ask long before and learn of it long after."""
    world, entries = World(), []
    acts = st.tuples(st.sampled_from(ENTITIES), st.sampled_from([Act.LOOK, Act.CHANGE, Act.DELETE]))
    for number, steps in enumerate(draw(st.lists(st.lists(acts, min_size=1, max_size=3), min_size=2, max_size=7))):
        name, at = f"t{number}", 10 * number
        seen = tuple([world.see(entity, name, act) for entity, act in steps])
        entries.append(Entry(name, at - draw(st.integers(0, 60)), at + draw(st.integers(1, 60)), Outcome.COMMITTED, seen))
    return entries


@given(histories())
def test_any_serial_history_is_explained(entries: list[Entry]) -> None:
    assert check_order(entries).violations == []
