"""The page: one file of HTML, with its plots and its numbers in it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks.report.plots import Line, bars, lines
from benchmarks.report.ratios import P99_LIMIT_MS, Ratio, engine_per_second, highest_rate, is_there, losses, ratios

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["page"]

Found = dict[str, Any]
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; background: #ffffff; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; }
th, td { text-align: left; padding: 0.3rem 0.6rem; border-bottom: 1px solid #dddddd; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.no { color: #a02000; font-weight: 600; } .yes { color: #00664d; font-weight: 600; }
figure { margin: 1rem 0; } figure svg { width: 100%; height: auto; } figcaption { color: #444444; font-size: 0.92rem; }
pre { overflow: auto; font-size: 0.8rem; background: #f5f5f5; padding: 0.8rem; }
"""


def page(found: Found) -> str:
    """Return the page about what was found."""
    rows = ratios(found)
    tables = [_highest(found), _flink(found), _peers(found), _workloads(found), _micro(found)]
    body = "\n".join(part for part in [_head(found), _ratios(rows), _losses(rows, found), *_plots(found), *tables, _raw(found)] if part)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
        f"<title>What StateFlow costs</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _head(found: Found) -> str:
    machine, plan = found["machine"], found["plan"]
    facts = [
        f"StateFlow {found['version']}", f"Python {machine['python']}", f"SQLite {machine['sqlite']}", machine["system"],
        machine["processor"], f"{machine['cores']} cores", f"load {machine['load']} at the beginning and {found['load_at_end']} at the end",
        f"fsync of 4 KiB {machine['fsync_us']:.0f} µs",
    ]  # fmt: skip
    sizes = f"windows of {plan['window_s']:.1f} s or more, {found['took_s'] / 60:.0f} minutes in all"
    small = "" if found["is_full"] else " <strong>A small budget: fewer entities than the standard has, and short windows.</strong>"
    return (
        f"<h1>What StateFlow costs</h1>\n<p>{escape(', '.join(facts))}; {sizes}.{small}</p>\n"
        "<p>Every number stands for states that were read after the measurement and found right: each acknowledged request in them once, "
        "money as much as before, the conditions of TPC-C. What did not verify has no number. A claim is a ratio of two things of this "
        "run; the numbers alone say more about the machine and, where its load is above its number of cores, about what else it did.</p>"
    )


def _ratios(rows: list[Ratio]) -> str:
    cells = [(escape(row.name), _number(row.value), _aim(row), _verdict(row)) for row in rows]
    return "<h2>Ratios</h2>\n" + _table(("of what to what", "#ratio", "#aim", ""), cells)


def _aim(row: Ratio) -> str:
    return "" if row.aim is None else f"{'at most' if row.is_better_below else 'at least'} {row.aim:g}"


def _verdict(row: Ratio) -> str:
    if row.is_met is not None:
        return '<span class="yes">met</span>' if row.is_met else '<span class="no">missed</span>'
    return '<span class="no">StateFlow loses</span>' if row.is_lost else ""


def _losses(rows: list[Ratio], found: Found) -> str:
    parts = [(name, part) for name, part in found.items() if isinstance(part, dict)]
    missing = [escape(f"{name}: {part[why]}") for name, part in parts for why in ("failed", "left_out") if why in part]
    lost = [f"{escape(row.name)}: {_number(row.value)}{' (' + _aim(row) + ')' if row.aim else ''}" for row in losses(rows)]
    known = [
        "One client: its request crosses to the engine's thread and back, which by hand it does not "
        "(docs/explanation/durability.md says what each part takes).",
        "Plain objects are many times faster, as they keep nothing.",
    ]
    text = "<h2>Where we lose</h2>\n" + _list([*lost, *map(escape, known)])
    return text + ("<h3>Not measured</h3>\n" + _list(missing) if missing else "")


def _plots(found: Found) -> list[str]:
    drawn = []
    if is_there(found, "by_rate"):
        drawn.append(_by_rate(found["by_rate"]))
    if is_there(found, "by_clients"):
        drawn.append(_by_clients(found))
    if is_there(found, "by_size"):
        drawn.append(_by_size(found["by_size"]))
    if is_there(found, "costs"):
        drawn.append(_costs(found["costs"]))
    return drawn


def _by_rate(part: Found) -> str:
    drawn = [
        Line(f"{engine}, {name}", [p["rate"] for p in each["points"]], [p[f"{name}_ms"] for p in each["points"]])
        for engine, each in part.items()
        for name in ("p50", "p99")
    ]
    kept = [f"{engine}: {_rate(highest_rate(each['points']))} of {each['most_per_second']:,.0f}" for engine, each in part.items()]
    caption = (
        "Mix M (45 % reads, 45 % updates, 10 % transfers), 5,000 entities, zipf 0.99. Each request is due at its moment, and its latency "
        "counts from there. Where a line rises steeply, requests come faster than they are answered. The highest rate with a p99 under "
        f"100 ms, of what 256 clients get: {escape('; '.join(kept))}."
    )
    svg = lines(drawn, "requests a second", "latency, ms", is_log_y=True, limit=P99_LIMIT_MS)
    return _figure("Latency against rate", svg, caption)


def _by_clients(found: Found) -> str:
    part = found["by_clients"]
    drawn = [Line(engine, [p["clients"] for p in points], [p["per_second"] for p in points]) for engine, points in part.items()]
    if is_there(found, "durable"):
        by_hand = max(found["durable"]["by_hand_threads_per_s"], found["durable"]["by_hand_one_thread_per_s"])
        drawn.append(Line("SQLite by hand, its best", [1, 256], [by_hand, by_hand]))
    caption = (
        "Transfers between two of 5,000 records. Each client sends when its last request was answered. Many clients share one commit; by "
        "hand each transfer has its own."
    )
    return _figure("Throughput against clients", lines(drawn, "clients", "transfers a second", is_log_x=True), caption)


def _by_size(part: Found) -> str:
    drawn = [
        Line(f"{keys} keys", [p["entities"] for p in points], [1e6 / p["per_second"] for p in points]) for keys, points in part.items()
    ]
    caption = (
        "Half reads, half updates, 256 clients, one file. The time of a request is one over the throughput. With uniform keys and many "
        "entities each update writes a page of its own, and what is used next is in no cache of the processor. What is more than "
        "cache_bytes holds is read from the file."
    )
    return _figure("Scaling with entities", lines(drawn, "entities", "time of a request, µs", is_log_x=True), caption)


def _costs(part: Found) -> str:
    parts = {name: [each[name] for each in part.values()] for name in ("step", "encode", "commit", "engine")}
    caption = (
        "Step: arguments, the methods, copies between entities, what an undo needs. Encode: states and replies as bytes. Commit: a 32nd "
        "of SQLite's transaction with its fsync. Engine: what a request of one of 32 clients takes besides: queue, threads, event loop."
    )
    return _figure("What one request costs", bars(list(part), parts, "µs"), caption)


def _highest(found: Found) -> str:
    searches = dict(found["highest"]) if is_there(found, "highest") else {}
    if is_there(found, "flink"):
        searches["PyFlink and Kafka"] = found["flink"]["highest"]
    if not searches:
        return ""
    rows = []
    for engine, search in searches.items():
        best = next((each for each in search["tries"] if each["is_kept"] and each["rate"] == search["rate"]), None)
        numbers = ("none of these", "", "") if best is None else tuple(_number(best[key]) for key in ("rate", "p50_ms", "p99_ms"))
        rows.append((escape(engine), *numbers, ", ".join(f"{each['rate']:,.0f}" for each in search["tries"])))
    heading = f"<h2>The highest rate with a p99 under {P99_LIMIT_MS:g} ms: mix M, 5,000 entities, zipf 0.99</h2>\n"
    return heading + _table(("", "#requests/s", "#p50, ms", "#p99, ms", "rates that were tried"), rows)


def _flink(found: Found) -> str:
    if not is_there(found, "flink"):
        return ""
    part = found["flink"]
    names = {"local": "A: reads and updates", "transfers": "T: transfers", "mix": "M: the mix"}
    loads = (("200 requests/s", part["at_rate"]), ("1,000 clients", part["under_load"]))
    rows = [
        (names[name], how, *(_number(point[key]) for key in ("per_second", "p50_ms", "p99_ms")))
        for how, points in loads
        for name, point in points.items()
    ]
    heading = "<h2>PyFlink and Kafka, one TaskManager</h2>\n"
    heading += "<p>A broker, a cluster and the load generator share the cores of this machine. "
    heading += "Of 5,000 records A and T use all alike, and M has zipf 0.99.</p>\n"
    return heading + _table(("", "", "#requests/s", "#p50, ms", "#p99, ms"), rows) + _flink_by_hand(found)


def _flink_by_hand(found: Found) -> str:
    if not is_there(found, "flink_by_hand"):
        return ""
    titles = {
        "by_hand": "by hand, batches, keeps no replies",
        "by_hand_once": "by hand, batches, keeps replies",
        "by_hand_each": "by hand, one request a record",
        "stateflow": "StateFlow",
    }
    rows = [
        (f"{title}: {kind}", *map(_number, (load["per_second"], load["per_second_of_task_manager"], of["at_200_a_second"]["p50_ms"])))
        for job, title in titles.items()
        for kind, of in found["flink_by_hand"][job].items()
        if kind != "core"
        for load in (of["under_load"],)
    ]
    heads = ("counts", "#requests/s, 2,000 under way", "#for a second of TaskManager CPU", "#p50 at 200/s, ms")
    return "\n<h3>Counting, beside jobs written by hand over the same topics</h3>\n" + _table(heads, rows)


def _peers(found: Found) -> str:
    if not is_there(found, "peers"):
        return ""
    rows: list[tuple[str, ...]] = []
    if is_there(found, "durable"):
        durable = found["durable"]
        ours = engine_per_second(durable)
        by_hand = max(durable["by_hand_threads_per_s"], durable["by_hand_one_thread_per_s"])
        full = "SQLite in WAL mode, synchronous=FULL"
        rows.append(("StateFlow, embedded", _number(ours), "", full, "a strictly serializable transaction, once for each request id"))
        rows.append(("SQLite by hand", _number(by_hand), "", full, "a transaction and a row for the reply"))
        rows.append(("plain objects", _number(durable["plain_objects_per_s"]), "", "none", "one thread"))
    for peer in found["peers"].values():
        if "missing" in peer:
            rows.append((escape(peer["name"]), "", "", "", escape(peer["missing"])))
        else:
            numbers = (_number(peer["per_second"]), _number(peer["p99_ms"]))
            rows.append((escape(peer["name"]), *numbers, escape(peer["durability"]), escape(peer["note"])))
    heading = "<h2>The durable transfer between two accounts, 32 clients</h2>\n"
    return heading + _table(("", "#transfers/s", "#p99, ms", "durability", "what it is"), rows)


def _workloads(found: Found) -> str:
    if not is_there(found, "workloads"):
        return ""
    rows = [(escape(p["title"]), *(_number(p[key]) for key in ("per_second", "p50_ms", "p99_ms"))) for p in found["workloads"].values()]
    for name, part in found["tpcc"].items() if is_there(found, "tpcc") else ():
        if isinstance(part, dict):
            title = f"TPC-C, {name}, {found['tpcc']['scale']:g} of the standard's entities"
            rows.append((title, *(_number(part["engine"][key]) for key in ("per_second", "p50_ms", "p99_ms"))))
    return "<h2>Workloads, 32 clients, one file</h2>\n" + _table(("", "#requests/s", "#p50, ms", "#p99, ms"), rows)


def _micro(found: Found) -> str:
    rows: list[tuple[str, ...]] = []
    if is_there(found, "micro"):
        micro = found["micro"]
        rows += [(f"{name}, {size}", f"{rate:,}") for size, rates in micro["step_costs"].items() for name, rate in rates.items()]
        compiled = micro["compile_methods"]
        rows.append((f"compile {compiled['methods']} methods, s", _number(compiled["seconds"])))
        for name, part in micro["frames_and_states"].items():
            shown = f"{_number(part['encode_us'])} / {_number(part['decode_us'])}"
            rows.append((f"{name.replace('_', ' ')}, {part['bytes']} bytes: encode / decode, µs", shown))
        for name, part in micro["allocations"].items():
            rows.append((f"{name}: most memory at once, bytes; blocks kept", f"{part['peak_bytes']:,}; {part['blocks_kept']:g}"))
        rows.append(("import stateflow, ms", _number(micro["import_time"]["ms"])))
    if is_there(found, "lengths"):
        for blocks, part in found["lengths"].items():
            rows.append((f"a request of a method of {blocks} blocks: bytes between places; µs", f"{part['bytes']:.0f}; {part['us']}"))
    return "<h2>Small parts, on one core</h2>\n" + _table(("", "#"), rows) if rows else ""


def _raw(found: Found) -> str:
    text = escape(msgspec.json.format(msgspec.json.encode(found), indent=1).decode(), quote=False)
    return f"<h2>All numbers</h2>\n<details><summary>As JSON</summary>\n<pre>{text}</pre>\n</details>"


def _figure(title: str, svg: str, caption: str) -> str:
    return f"<h2>{title}</h2>\n<figure>\n{svg}\n<figcaption>{caption}</figcaption>\n</figure>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    kinds = [' class="number"' if head.startswith("#") else "" for head in heads]
    first = "".join(f"<th{kind}>{head.removeprefix('#')}</th>" for head, kind in zip(heads, kinds, strict=True))
    body = "\n".join("<tr>" + "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(row, kinds, strict=True)) + "</tr>" for row in rows)
    return f"<table>\n<thead><tr>{first}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def _list(items: Sequence[str]) -> str:
    return "<ul>\n" + "\n".join(f"<li>{item}</li>" for item in items) + "\n</ul>"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"


def _rate(value: float | None) -> str:
    return "none of these" if value is None else f"{value:,.0f}/s"
