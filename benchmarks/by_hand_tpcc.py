"""NewOrder and Payment of TPC-C as one would write them by hand over `sqlite3`: tables, a row for each reply, one commit for each.

The rows at the beginning and the requests are those of `stateflow bench tpcc`, read from its workload; drawing them counts on both sides.
Each side is written as one would write it there. Here the lines of an order are rows, and new orders a table, so an order writes some ten
rows more; there the lines are in the order. Here last names have an index; there the customers of one last name are an entity. Only there
are requests sent from clients to another thread, and arguments and results copied between entities. Here one caller waits for each
commit; there 32 clients share one.
"""

from __future__ import annotations

import itertools
import random
import sqlite3
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from benchmarks.by_hand import PRAGMAS
from stateflow.bench.workloads.tpcc import entities as tpcc
from stateflow.bench.workloads.tpcc.filling import creations
from stateflow.bench.workloads.tpcc.requests import requests
from stateflow.errors import EntityNotFound

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stateflow.bench.workload import Ask
    from stateflow.bench.workloads.tpcc.size import Cardinality

__all__ = ["ByHand", "measure_by_hand"]

_TEXTS = ", ".join(f"text_{number} TEXT NOT NULL" for number in range(1, 11))
_TABLES = f"""
CREATE TABLE item (i INTEGER PRIMARY KEY, name TEXT NOT NULL, price INTEGER NOT NULL, remark TEXT NOT NULL);
CREATE TABLE stock (w INTEGER, i INTEGER, quantity INTEGER NOT NULL, {_TEXTS}, remark TEXT NOT NULL, sold INTEGER NOT NULL DEFAULT 0,
    order_count INTEGER NOT NULL DEFAULT 0, remote_count INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (w, i)) WITHOUT ROWID;
CREATE TABLE warehouse (w INTEGER PRIMARY KEY, name TEXT NOT NULL, address TEXT NOT NULL, tax INTEGER NOT NULL, paid INTEGER NOT NULL);
CREATE TABLE district (w INTEGER, d INTEGER, address TEXT NOT NULL, tax INTEGER NOT NULL, paid INTEGER NOT NULL,
    next_order INTEGER NOT NULL, PRIMARY KEY (w, d)) WITHOUT ROWID;
CREATE TABLE customer (w INTEGER, d INTEGER, c INTEGER, first TEXT NOT NULL, last TEXT NOT NULL, address TEXT NOT NULL,
    discount INTEGER NOT NULL, remark TEXT NOT NULL, has_good_credit INTEGER NOT NULL, balance INTEGER NOT NULL DEFAULT -1000,
    paid INTEGER NOT NULL DEFAULT 1000, payment_count INTEGER NOT NULL DEFAULT 1, PRIMARY KEY (w, d, c)) WITHOUT ROWID;
CREATE TABLE payment (w INTEGER, d INTEGER, c INTEGER, n INTEGER, at_w INTEGER, at_d INTEGER, moment_s REAL, amount INTEGER, text TEXT,
    PRIMARY KEY (w, d, c, n)) WITHOUT ROWID;
CREATE TABLE orders (w INTEGER, d INTEGER, o INTEGER, c INTEGER NOT NULL, moment_s REAL NOT NULL, line_count INTEGER NOT NULL,
    is_local INTEGER NOT NULL, PRIMARY KEY (w, d, o)) WITHOUT ROWID;
CREATE TABLE new_order (w INTEGER, d INTEGER, o INTEGER, PRIMARY KEY (w, d, o)) WITHOUT ROWID;
CREATE TABLE order_line (w INTEGER, d INTEGER, o INTEGER, n INTEGER, i INTEGER NOT NULL, supplier INTEGER NOT NULL,
    quantity INTEGER NOT NULL, amount INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (w, d, o, n)) WITHOUT ROWID;
CREATE TABLE ledger (request_id TEXT PRIMARY KEY, reply BLOB NOT NULL) WITHOUT ROWID;
"""
_INDEX = "CREATE INDEX customer_name ON customer (w, d, last, first)"
_STOCK = {d: f"SELECT quantity, text_{d}, remark FROM stock WHERE w = ? AND i = ?" for d in range(1, 11)}
_TAKE = (
    "UPDATE stock SET quantity = ?, sold = sold + ?, order_count = order_count + 1, remote_count = remote_count + ? WHERE w = ? AND i = ?"
)
_PAY = "UPDATE customer SET balance = ?, paid = paid + ?, payment_count = ?, remark = ? WHERE w = ? AND d = ? AND c = ?"
_CONDITIONS = {
    "1": "SELECT count(*) FROM warehouse WHERE paid != (SELECT sum(paid) FROM district WHERE district.w = warehouse.w)",
    "2": "SELECT count(*) FROM district AS t WHERE next_order - 1 != (SELECT max(o) FROM orders WHERE w = t.w AND d = t.d) "
    "OR next_order - 1 != (SELECT max(o) FROM new_order WHERE w = t.w AND d = t.d)",
    "3": "SELECT count(*) FROM (SELECT max(o) - min(o) + 1 AS span, count(*) AS there FROM new_order GROUP BY w, d) WHERE span != there",
    "4": "SELECT count(*) FROM district AS t WHERE (SELECT sum(line_count) FROM orders WHERE w = t.w AND d = t.d) "
    "!= (SELECT count(*) FROM order_line WHERE w = t.w AND d = t.d)",
}
_encode = msgspec.msgpack.Encoder().encode


class _Key(NamedTuple):
    """An entity, as a row."""

    cls: type
    key: Any


class _Keys:
    """Addresses rows for the workload's requests."""

    def ref(self, cls: type, key: object) -> Any:
        """Return class and key."""
        return _Key(cls, key)


class ByHand:
    """The tables, and the two transactions.

    Args:
        path: the file; it is made.
        size: how many rows there are.
    """

    def __init__(self, path: Path, size: Cardinality) -> None:
        self._size = size
        self._numbers = itertools.count(1)
        self._sql = sqlite3.connect(path, isolation_level=None, cached_statements=256)
        for pragma in PRAGMAS:
            self._sql.execute(f"PRAGMA {pragma}").fetchall()
        self._sql.executescript(_TABLES)
        self._sql.execute("BEGIN")
        for ask in creations(_Keys(), size):
            self._insert(ask.method, ask.args)
        self._sql.execute(_INDEX)
        self._sql.execute("COMMIT")
        # A reader would else find all of it in the log.
        self._sql.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def requests(self, seed: int) -> Iterator[Ask]:
        """Yield the workload's requests."""
        return requests(_Keys(), self._size, random.Random(seed))

    def carry_out(self, ask: Ask) -> bool:
        """Do one request durably; return whether it was undone, as it is meant to be."""
        self._sql.execute("BEGIN IMMEDIATE")
        assert isinstance(ask.target, _Key)
        try:
            reply = self._new_order(*ask.target.key, *ask.args) if ask.kind == "new order" else self._payment(*ask.target.key, *ask.args)
        except EntityNotFound:
            self._sql.execute("ROLLBACK")
            return True
        self._sql.execute("INSERT INTO ledger VALUES (?, ?)", (f"request-{next(self._numbers)}", _encode(reply)))
        self._sql.execute("COMMIT")
        return False

    def faults(self, done: Counter[str], undone: int) -> list[str]:
        """Return which conditions do not hold, and what was acknowledged and is not there."""
        wrong = [f"condition {name}" for name, query in _CONDITIONS.items() if self._one(query)]
        first = self._size.customers * self._size.warehouses * 10
        counts = {
            "new order": self._one("SELECT count(*) FROM orders") - first + undone,
            "payment": self._one("SELECT count(*) FROM payment") - first,
        }
        return wrong + [f"{count} of {name}, and {done[name]} acknowledged" for name, count in counts.items() if count != done[name]]

    def close(self) -> None:
        """Close the file."""
        self._sql.close()

    def _one(self, query: str, *arguments: Any) -> Any:
        return self._sql.execute(query, arguments).fetchone()[0]

    def _insert(self, cls: object, args: tuple[Any, ...]) -> None:
        execute = self._sql.execute
        if cls is tpcc.Item:
            # One table is enough where all is at one place.
            execute("INSERT OR IGNORE INTO item VALUES (?, ?, ?, ?)", args[1:])
        elif cls is tpcc.Stock:
            w, i, quantity, texts, remark = args
            columns = [texts[24 * d : 24 * d + 24] for d in range(10)]
            execute(f"INSERT INTO stock VALUES ({', '.join('?' * 14)}, 0, 0, 0)", (w, i, quantity, *columns, remark))
        elif cls is tpcc.Warehouse:
            w, name, address, tax, paid = args
            execute("INSERT INTO warehouse VALUES (?, ?, ?, ?, ?)", (w, name, address, tax, paid))
        elif cls is tpcc.District:
            d, _, w, address, tax, paid, next_order = args
            execute("INSERT INTO district VALUES (?, ?, ?, ?, ?, ?)", (w, d, address, tax, paid, next_order))
        elif cls is tpcc.Customer:
            place, first, last, address, *rest = args
            columns = "w, d, c, first, last, address, discount, remark, has_good_credit"
            execute(f"INSERT INTO customer ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*place, first, last, address, *rest))
        elif cls is tpcc.Payment:
            (w, d, c), n, (at_w, at_d), *rest = args
            execute("INSERT INTO payment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (w, d, c, n, at_w, at_d, *rest))
        elif cls is tpcc.Order:
            place, customer, moment_s, lines, is_new = args
            self._insert_order(place, customer.key[2], moment_s, lines, is_new=is_new)

    def _insert_order(self, place: tuple[int, int, int], customer: int, moment_s: float, lines: list[Any], *, is_new: bool) -> None:
        is_local = all(line.supplier == place[0] for line in lines)
        self._sql.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?)", (*place, customer, moment_s, len(lines), is_local))
        if is_new:
            self._sql.execute("INSERT INTO new_order VALUES (?, ?, ?)", place)
        rows = [(*place, n, li.item, li.supplier, li.quantity, li.amount, li.stock_text) for n, li in enumerate(lines, 1)]
        self._sql.executemany("INSERT INTO order_line VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def _new_order(self, w: int, d: int, customer: _Key, wishes: list[tpcc.Wish]) -> tuple[Any, ...]:
        execute = self._sql.execute
        house_tax = self._one("SELECT tax FROM warehouse WHERE w = ?", w)
        tax, number = execute("SELECT tax, next_order FROM district WHERE w = ? AND d = ?", (w, d)).fetchone()
        execute("UPDATE district SET next_order = ? WHERE w = ? AND d = ?", (number + 1, w, d))
        last, discount = execute("SELECT last, discount FROM customer WHERE w = ? AND d = ? AND c = ?", customer.key).fetchone()
        lines, shown = [], []
        for wish in wishes:
            found = execute("SELECT name, price, remark FROM item WHERE i = ?", (wish.item,)).fetchone()
            if found is None:
                raise EntityNotFound("Item", wish.item)
            name, price, remark = found
            quantity, text, stock_remark = execute(_STOCK[d], (wish.supplier, wish.item)).fetchone()
            left = quantity - wish.quantity + (91 if quantity < wish.quantity + 10 else 0)
            execute(_TAKE, (left, wish.quantity, wish.supplier != w, wish.supplier, wish.item))
            amount = wish.quantity * price
            lines.append(tpcc.OrderLine(wish.item, wish.supplier, wish.quantity, amount, text))
            shown.append((name, left, "B" if "ORIGINAL" in remark and "ORIGINAL" in stock_remark else "G", amount))
        self._insert_order((w, d, number), customer.key[2], time.time(), lines, is_new=True)
        total = sum(line.amount for line in lines) * (10_000 - discount) * (10_000 + tax + house_tax) // 100_000_000
        return number, last, total, shown

    def _payment(self, w: int, d: int, who: _Key, amount: int) -> tuple[Any, ...]:
        execute = self._sql.execute
        execute("UPDATE district SET paid = paid + ? WHERE w = ? AND d = ?", (amount, w, d))
        execute("UPDATE warehouse SET paid = paid + ? WHERE w = ?", (amount, w))
        text = f"{self._one('SELECT name FROM warehouse WHERE w = ?', w)}    {d}"
        place = who.key if who.cls is tpcc.Customer else self._middle(*who.key)
        query = "SELECT last, balance, payment_count, has_good_credit, remark FROM customer WHERE w = ? AND d = ? AND c = ?"
        last, balance, count, has_good_credit, remark = execute(query, place).fetchone()
        if not has_good_credit:
            remark = f"{place} {(w, d)} {amount} {remark}"[:500]
        execute(_PAY, (balance - amount, amount, count + 1, remark, *place))
        execute("INSERT INTO payment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*place, count + 1, w, d, time.time(), amount, text))
        return last, balance - amount

    def _middle(self, w: int, d: int, last: str) -> tuple[int, int, int]:
        query = "SELECT w, d, c FROM customer WHERE w = ? AND d = ? AND last = ? ORDER BY first"
        rows: list[tuple[int, int, int]] = self._sql.execute(query, (w, d, last)).fetchall()
        return rows[(len(rows) + 1) // 2 - 1]


def measure_by_hand(tables: ByHand, seconds: float, seed: int = 1) -> dict[str, Any]:
    """Send the workload's requests one after another; return replies a second and the median latency, after checking the tables.

    Raises:
        SystemExit: they are not what was acknowledged.
    """
    done: Counter[str] = Counter()
    undone, times = 0, []
    source, begin = tables.requests(seed), time.perf_counter()
    while (sent := time.perf_counter()) < begin + seconds:
        ask = next(source)
        undone += tables.carry_out(ask)
        done[ask.kind] += 1
        times.append(time.perf_counter() - sent)
    took = time.perf_counter() - begin
    wrong = tables.faults(done, undone)
    if wrong:
        raise SystemExit(f"TPC-C by hand: {wrong}")
    times.sort()
    return {"per_second": len(times) / took, "p50_ms": times[len(times) // 2] * 1000, "p99_ms": times[int(len(times) * 0.99)] * 1000}
