"""Bytes of a suspended method and of an entity's state: how long it takes to write and to read them."""

from __future__ import annotations

import pickle
import time
from typing import TYPE_CHECKING, Any

import stateflow
from benchmarks.shop import Item, User
from stateflow.core.driver import advance
from stateflow.core.entity_codec import EntityCodec
from stateflow.core.executor import Executor
from stateflow.core.transaction import Transaction
from stateflow.protocol.messages import Operation, Request
from stateflow.references import ReferenceTable

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["frames_and_states"]

REPEATS = 5
ROUNDS = 2_000


@stateflow.entity
class Basket:
    """An entity whose state is about 1 kB: once without structure, once with."""

    def __init__(self, name: str, *, has_lines: bool) -> None:
        self.name, self.total, self.is_open = name, 0, True
        self.lines: list[tuple[str, int, float]] = [(f"article {n}", n, n / 4) for n in range(38)] if has_lines else []
        if not has_lines:
            self.note = "x" * 960

    def __key__(self) -> str:
        return self.name

    def descend(self, depth: int, item: Item) -> int:
        """Call itself, and read another entity at the bottom."""
        return self.descend(depth - 1, item) + 1 if depth else item.price


class _Stopped(Transaction):
    """A transaction that keeps what it holds at its first suspension with so many frames, instead of going on."""

    least = 1
    held: Any = None

    def pause(self, stack: list[Any], pending: Any) -> bool:
        """Keep the stack; tell the driver to stop."""
        if len(stack) < self.least:
            return False
        self.held = [list(stack), pending, [r.instance for r in self.touched if r.instance is not None], self.stop]
        return True


def frames_and_states() -> dict[str, Any]:
    """Time the writing and reading of suspended methods and of states, in microseconds."""
    executor = Executor(stateflow.init(Item, User, Basket))
    client = ReferenceTable(executor.flow.reference_types, executor.store)
    for number, (name, args) in enumerate([("Item", ("tea", 1)), ("User", ("ann",))]):
        _create(executor, client, number, name, args)
    for number, has_lines in enumerate((True, False)):
        _create(executor, client, 10 + number, "Basket", (f"basket {number}",), {"has_lines": has_lines})
    references = executor.store.references
    item, user, baskets = references.get(Item, "tea"), references.get(User, "ann"), [references.get(Basket, f"basket {n}") for n in (0, 1)]
    lines, flat = [executor.store.existing(b).instance for b in baskets]
    return {
        "frame_of_a_purchase": _frame(executor, user, "buy_item", (1, item), 2),
        "stack_of_ten_frames": _frame(executor, baskets[1], "descend", (9, item), 10),
        "state_of_1_kB_with_structure": _state(executor, lines),
        "state_of_1_kB_flat": _state(executor, flat),
    }


def _create(
    executor: Executor, client: ReferenceTable, number: int, name: str, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None
) -> None:
    request = Request(
        request_id=str(number), time_ns=0, operation=Operation.CREATE, class_name=name, args=args, kwargs=kwargs or {}
    )
    reply = executor.execute(request, client)
    if reply.error is not None:
        raise reply.error


def _frame(executor: Executor, entity: Any, method: str, args: tuple[Any, ...], least: int) -> dict[str, Any]:
    tx = _Stopped(executor.store, executor.codec, "r", 0, suspends=True)
    tx.least = least
    executor.codec.transaction = tx
    advance(tx, [], ("call", (entity, method, args, {})))
    codec, held = executor.codec.codec, tx.held
    data = codec.encode(held, "frame")
    result = {
        "bytes": len(data),
        "encode_us": _microseconds(lambda: codec.encode(held, "frame")),
        "decode_us": _microseconds(lambda: codec.decode(data)),
    }
    tx.undo()
    return result


def _state(executor: Executor, instance: Any) -> dict[str, Any]:
    codec = EntityCodec(executor.flow, executor.codec.state_shapes)
    cls, data, pickled = type(instance), codec.encode(instance), pickle.dumps(instance)
    encode, decode = _microseconds(lambda: codec.encode(instance)), _microseconds(lambda: codec.decode(cls, data))
    return {
        "bytes": len(data),
        "encode_us": encode,
        "decode_us": decode,
        "encode_over_pickle": round(encode / _microseconds(lambda: pickle.dumps(instance)), 1),
        "decode_over_pickle": round(decode / _microseconds(lambda: pickle.loads(pickled)), 1),
    }


def _microseconds(body: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        for _ in range(ROUNDS):
            body()
        times.append((time.perf_counter() - begin) / ROUNDS)
    return round(min(times) * 1e6, 2)
