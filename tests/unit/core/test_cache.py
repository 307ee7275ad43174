"""The cache of entities: bounded, and those leave first that were not used lately."""

from __future__ import annotations

from stateflow.core.cache import EntityCache, cached_size
from stateflow.core.store import Record


class Item:
    """Some entity."""


def filled(count: int, limit: int) -> tuple[EntityCache[int], list[Record], list[object]]:
    dropped: list[object] = []
    cache: EntityCache[int] = EntityCache(limit * cached_size(10), lambda record: dropped.append(record.key))
    records = [Record(Item, number) for number in range(count)]
    for record in records:
        record.is_recent = False
        cache.put(record.key, record, 10)  # type: ignore[arg-type]
    return cache, records, dropped


def test_entities_leave_in_the_order_of_their_coming_until_they_fit() -> None:
    cache, _, dropped = filled(5, limit=3)
    cache.shrink()
    assert (dropped, len(cache), cache.bytes) == ([0, 1], 3, 3 * cached_size(10))


def test_entity_that_was_used_gets_a_second_chance_and_only_one() -> None:
    cache, records, dropped = filled(4, limit=3)
    records[0].is_recent = True
    cache.shrink()
    assert dropped == [1]
    cache.put(4, Record(Item, 4), 10)
    cache.put(5, Record(Item, 5), 10)
    cache.shrink()
    assert dropped == [1, 2, 3]
    records[0].is_recent = False
    cache.put(6, Record(Item, 6), 10)
    cache.shrink()
    assert dropped == [1, 2, 3, 0]


def test_cache_of_nothing_drops_also_what_was_used() -> None:
    cache, records, dropped = filled(2, limit=0)
    records[0].is_recent = records[1].is_recent = True
    cache.shrink()
    assert (dropped, cache.bytes) == ([0, 1], 0)


def test_entity_counts_with_its_last_size_and_not_at_all_when_it_was_dropped() -> None:
    cache, records, dropped = filled(2, limit=9)
    cache.put(0, records[0], 500)
    assert cache.bytes == cached_size(500) + cached_size(10)
    cache.drop(0)
    cache.drop(0)
    assert (dropped, cache.bytes, len(cache), cache.get(0)) == ([0], cached_size(10), 1, None)
    cache.put(0, records[0], 10)
    assert (cache.bytes, cache.get(0)) == (2 * cached_size(10), records[0])
