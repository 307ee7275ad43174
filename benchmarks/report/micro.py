"""The small parts: compiling, frames, states, steps; times of the processor, and memory, which is the same in every run."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from typing import TYPE_CHECKING, Any

import stateflow
from benchmarks.__main__ import buy_item, compile_methods, fail_points, import_time, native_method
from benchmarks.encoding import frames_and_states
from benchmarks.method_length import method_lengths
from benchmarks.steps import step_costs
from stateflow.bench.workload import Size
from stateflow.bench.workloads.records import Record, Transfers
from stateflow.core.executor import Executor
from stateflow.protocol.messages import Operation, Request
from stateflow.references import ReferenceTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.report.plan import Plan

__all__ = ["allocations", "lengths", "micro"]

_ROUNDS = 200


def micro(_plan: Plan) -> dict[str, Any]:
    """Return what each small part takes."""
    parts = (buy_item, native_method, compile_methods, import_time, fail_points, frames_and_states, step_costs, allocations)
    return {part.__name__: part() for part in parts}


def lengths(_plan: Plan) -> dict[str, Any]:
    """Return bytes on the wire for methods of 10 to 1,000 blocks."""
    return method_lengths()


def allocations() -> dict[str, Any]:
    """Return memory of one request: the most that is taken at once, and the blocks that are kept when it has ended.

    In `executor` alone, without ledger and commit: what stays there would stay for ever.
    """
    workload = Transfers(Size(entities=100))
    executor = Executor(stateflow.init(*workload.classes))
    client = ReferenceTable(executor.flow.reference_types, executor.store)
    numbers = iter(range(10**9))

    def carry_out(operation: Operation, key: object, name: str, *args: Any) -> None:
        request = Request(
            request_id=str(next(numbers)), time_ns=0, operation=operation, class_name="Record", key=key, name=name, args=args
        )
        reply = executor.execute(request, client)
        if reply.error is not None:
            raise reply.error

    for name in ("one", "other"):
        carry_out(Operation.CREATE, None, "", name, "x" * 100, 10**9)
    other = executor.store.references.get(Record, "other")
    operations: dict[str, Callable[[], None]] = {
        "read": lambda: carry_out(Operation.CALL, "one", "read"),
        "update": lambda: carry_out(Operation.CALL, "one", "update", "y" * 100),
        "transfer": lambda: carry_out(Operation.CALL, "one", "transfer", other, 1),
    }
    return {name: {"peak_bytes": _peak_bytes(operation), "blocks_kept": _blocks_kept(operation)} for name, operation in operations.items()}


def _peak_bytes(operation: Callable[[], None]) -> int:
    operation()
    tracemalloc.start()
    try:
        peaks = []
        for _ in range(20):
            before, _ = tracemalloc.get_traced_memory()
            tracemalloc.reset_peak()
            operation()
            peaks.append(tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
    return min(peaks)


def _blocks_kept(operation: Callable[[], None]) -> float:
    for _ in range(_ROUNDS):
        operation()
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(_ROUNDS):
        operation()
    gc.collect()
    return (sys.getallocatedblocks() - before) / _ROUNDS
