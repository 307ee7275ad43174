"""What the measurements say: ratios of two things of this run, what was aimed at, and where StateFlow loses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Ratio", "highest_rate", "losses", "ratios"]

P99_LIMIT_MS = 100.0
Found = dict[str, Any]


class Ratio(NamedTuple):
    """A ratio.

    Attributes:
        name: of what to what.
        value: the ratio.
        aim: what was aimed at; None for nothing.
        is_better_below: whether less is better.
        even: where StateFlow and what it is compared with are even; None where that makes no sense.
    """

    name: str
    value: float
    aim: float | None = None
    is_better_below: bool = False
    even: float | None = 1.0

    @property
    def is_met(self) -> bool | None:
        """Whether the aim is met; None without one."""
        return None if self.aim is None else self._is_at_least_as_good_as(self.aim)

    @property
    def is_lost(self) -> bool:
        """Whether StateFlow is worse than what it is compared with."""
        return self.even is not None and not self._is_at_least_as_good_as(self.even)

    def _is_at_least_as_good_as(self, other: float) -> bool:
        return self.value <= other if self.is_better_below else self.value >= other


def ratios(found: Found) -> list[Ratio]:
    """Return the ratios of all parts that were measured."""
    return [ratio for rows in (_durable, _peers, _tpcc, _size, _lengths, _micro, _flink) for ratio in rows(found)]


def losses(rows: list[Ratio]) -> list[Ratio]:
    """Return where StateFlow is worse, or misses an aim."""
    return [row for row in rows if row.is_lost or row.is_met is False]


def highest_rate(points: list[Found]) -> float | None:
    """Return the highest rate that was kept up with a p99 below 100 ms."""
    kept = [p["rate"] for p in points if p["p99_ms"] < P99_LIMIT_MS and p["per_second"] >= 0.97 * p["rate"] and not p["errors"]]
    return max(kept, default=None)


def is_there(found: Found, name: str) -> bool:
    """Tell whether a part was measured."""
    return name in found and not {"failed", "left_out"} & found[name].keys()


def engine_per_second(durable: Found) -> float:
    """Return the durable transfers a second of 32 clients, tasks or threads, whichever are more."""
    return float(max(durable["engine_tasks_per_s"], durable["engine_threads_per_s"]))


def _durable(found: Found) -> Iterator[Ratio]:
    if not is_there(found, "durable"):
        return
    durable = found["durable"]
    yield Ratio("durable transfers, 32 clients: engine / SQLite by hand", durable["engine_over_by_hand"], 2)
    yield Ratio("the same, 8 under way for each client", durable["engine_pipelined_over_by_hand"], 2)
    yield Ratio("durable transfers, 32 threads: engine / SQLite by hand", durable["engine_threads_over_by_hand_threads"])
    yield Ratio("reads: engine / SQLite by hand", durable["reads_over_by_hand_reads"])
    yield Ratio("p50 of one client: engine / SQLite by hand", durable["p50_of_one_client_over_by_hand"], None, True)
    yield Ratio("transfers of plain objects / durable ones of the engine", durable["plain_objects_over_engine"], None, True)


def _peers(found: Found) -> Iterator[Ratio]:
    if not (is_there(found, "durable") and is_there(found, "peers")):
        return
    for name, aim in (("DBOS", 100), ("Restate", 50), ("eventsourcing", None)):
        peer = found["peers"].get(name, {})
        if "per_second" in peer:
            ratio = engine_per_second(found["durable"]) / peer["per_second"]
            yield Ratio(f"durable transfers, 32 clients: engine / {peer['name']}", round(ratio, 1), aim)


def _tpcc(found: Found) -> Iterator[Ratio]:
    for name, part in found["tpcc"].items() if is_there(found, "tpcc") else ():
        if isinstance(part, dict):
            yield Ratio(f"TPC-C, {name}, 32 clients: engine / SQLite by hand", part["ratio"], 2)


def _size(found: Found) -> Iterator[Ratio]:
    if not is_there(found, "by_size"):
        return
    for keys, points in found["by_size"].items():
        first, last = points[0], points[-1]
        name = f"time of a request, {keys} keys: {last['entities']:,} entities / {first['entities']:,}"
        yield Ratio(name, round(first["per_second"] / last["per_second"], 2), 1.5, True, None)


def _lengths(found: Found) -> Iterator[Ratio]:
    if is_there(found, "lengths"):
        short, long = found["lengths"]["10"], found["lengths"]["1000"]
        name = "bytes on the wire of one request: a method of 1,000 blocks / one of 10"
        yield Ratio(name, round(long["bytes"] / short["bytes"], 3), 1.05, True, None)


def _micro(found: Found) -> Iterator[Ratio]:
    if not is_there(found, "micro"):
        return
    micro = found["micro"]
    yield Ratio("a method without suspension points: entity / plain class", micro["native_method"]["ratio"], None, True, 1.05)
    yield Ratio("a purchase over two entities: compiled / plain objects", micro["buy_item"]["compiled_over_plain"], None, True)
    for state in ("state_of_1_kB_with_structure", "state_of_1_kB_flat"):
        for way in ("encode", "decode"):
            name = f"{way} a {state.replace('_', ' ')}: StateFlow / pickle"
            yield Ratio(name, micro["frames_and_states"][state][f"{way}_over_pickle"], None, True)


def _flink(found: Found) -> Iterator[Ratio]:
    if is_there(found, "flink"):
        few = found["flink"]["at_rate"]
        for name, shown, times in (("local", "reads and updates", 1), ("transfers", "transfers", 2)):
            for percentile, aim_ms in (("p50", 15), ("p99", 25)):
                title = f"Flink, 200 requests/s, {shown}: {percentile} in ms"
                yield Ratio(title, few[name][f"{percentile}_ms"], aim_ms * times, True, None)
    if not is_there(found, "flink_by_hand"):
        return
    by_hand = found["flink_by_hand"]
    compared = by_hand["ratios"]
    yield Ratio("Flink, counts: job of StateFlow / job by hand that batches and keeps replies alike", round(compared["throughput"], 2), 0.8)
    yield Ratio("Flink, counts: job of StateFlow / job by hand that keeps no replies", round(compared["throughput_of_counting"], 2))
    yield Ratio("Flink, p50 at 200 requests/s: job of StateFlow / job by hand", round(compared["p50"], 2), None, True)
    for kind, aim in (("updates", 20_000), ("reads", 20_000), ("transfers", 8_000)):
        each_core = by_hand["stateflow"][kind]["under_load"]["per_second_of_task_manager"]
        yield Ratio(f"Flink, {kind} in a second of a core of the TaskManager", each_core, aim, False, None)
