"""Run the benchmarks and print JSON: `python -m benchmarks`. Every claim is a ratio of two things of this run."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import stateflow
from benchmarks.durable import durable_transfers
from benchmarks.encoding import frames_and_states
from benchmarks.shop import Item, Plain, User
from benchmarks.steps import step_costs
from stateflow.core.executor import Executor
from stateflow.core.transaction import Transaction
from stateflow.failpoints import reach
from stateflow.protocol.messages import Operation, Request
from stateflow.references import ReferenceTable

if TYPE_CHECKING:
    from collections.abc import Callable

REPEATS = 5


def best_seconds(body: Callable[[int], None], count: int) -> float:
    """Return the least time that one repetition takes a core, in seconds; what else the machine does meanwhile does not count."""
    times = []
    for _ in range(REPEATS):
        begin = time.thread_time()
        body(count)
        times.append((time.thread_time() - begin) / count)
    return min(times)


def buy_item() -> dict[str, Any]:
    """Compare the compiled purchase with that of plain objects."""
    executor = Executor(stateflow.init(Item, User))
    client = ReferenceTable(executor.flow.reference_types, executor.store)

    def run(number: int, operation: Operation, class_name: str, key: object = None, name: str = "", args: tuple[Any, ...] = ()) -> Any:
        request = Request(request_id=str(number), time_ns=0, operation=operation, class_name=class_name, key=key, name=name, args=args)
        reply = executor.execute(request, client)
        if reply.error is not None:
            raise reply.error
        return reply.value

    tea = run(1, Operation.CREATE, "Item", args=("tea", 0))
    run(2, Operation.CREATE, "User", args=("ann",))
    run(3, Operation.CALL, "Item", "tea", "update_stock", (10**9,))
    user = executor.store.references.get(User, "ann")
    item = executor.store.references.get(Item, "tea")

    def transactions(count: int) -> None:
        for _ in range(count):
            tx = Transaction(executor.store, executor.codec, "r", 0)
            tx.perform_call(user, "buy_item", (1, item), {})
            tx.commit()

    def requests(count: int) -> None:
        for number in range(count):
            run(number, Operation.CALL, "User", "ann", "buy_item", (1, tea))

    plain_item, plain_user = Item("tea", 0), User("ann")
    plain_item.stock = 10**9

    def plain(count: int) -> None:
        for _ in range(count):
            plain_user.buy_item(1, plain_item)

    compiled, request, by_hand = best_seconds(transactions, 20_000), best_seconds(requests, 5_000), best_seconds(plain, 100_000)
    return {
        "transactions_per_s": round(1 / compiled),
        "requests_with_copies_for_a_client_per_s": round(1 / request),
        "plain_objects_per_s": round(1 / by_hand),
        "compiled_over_plain": round(compiled / by_hand, 1),
    }


def native_method() -> dict[str, Any]:
    """Compare a method without suspension points with the same function of a class that is no entity."""
    entity, plain = Item("a", 1), Plain("a", 1)

    def of(thing: Any) -> Callable[[int], None]:
        def body(count: int) -> None:
            for _ in range(count):
                thing.update_stock(1)

        return body

    mine, other = best_seconds(of(entity), 200_000), best_seconds(of(plain), 200_000)
    return {"ratio": round(mine / other, 2)}


def compile_methods(count: int = 1000) -> dict[str, Any]:
    """Time the compilation of many methods, half of them with two suspension points."""
    lines = ["import stateflow"]
    for number in range(count // 10):
        lines += ["@stateflow.entity", f"class C{number}:", "    def __init__(self, k: str):", "        self.k, self.n = k, 0"]
        lines += ["    def __key__(self) -> str:", "        return self.k"]
        for method in range(8):
            lines += [f"    def m{method}(self, other: 'C{number}', k: int) -> int:"]
            lines += ["        total = self.n", "        for i in range(k):", "            total += i"]
            lines += ["        if total > 10:", "            total -= other.n" if method % 2 else "            total -= 1"]
            last = f"        self.n = other.m{method - 1}(other, k) + total" if method % 2 else "        self.n = total"
            lines += [last, "        return total"]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "thousand.py").write_text("\n".join(lines))
        program = (
            f"import sys, time; sys.path.insert(0, {folder!r}); import thousand, stateflow; "
            "stateflow.init(thousand.C0).prepare(); begin = time.perf_counter(); flow = stateflow.init(); "
            "ready = time.perf_counter(); flow.prepare(); print(ready - begin, time.perf_counter() - begin)"
        )
        took = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    to_init, to_all = map(float, took.split())
    return {"methods": count, "seconds": round(to_all, 2), "init_seconds": round(to_init, 2)}


def compile_long_method() -> dict[str, Any]:
    """Compare what a suspension point costs the compiler in a method of 1,000 with what it costs in one of 100."""

    def seconds(points: int) -> float:
        lines = ["import stateflow", "@stateflow.entity", "class Long:", "    def __init__(self, k: str):", "        self.k, self.n = k, 0"]
        lines += ["    def __key__(self) -> str:", "        return self.k", "    def run(self, other: 'Long') -> int:"]
        lines += [f"        {'; '.join(f'x{i} = {i}' for i in range(7))}"]
        for number in range(points):
            lines += [f"        for x{number % 7} in range(3):", f"            x{(number + 1) % 7} += other.n"]
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "long.py").write_text("\n".join([*lines, "        return x0"]))
            program = (
                f"import sys, time; sys.path.insert(0, {folder!r}); import long, stateflow; stateflow.init(long.Long).prepare(); "
                "begin = time.perf_counter(); stateflow.init(long.Long).prepare(); print(time.perf_counter() - begin)"
            )
            return float(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout)

    short, long = seconds(100), seconds(1000)
    return {"seconds": round(long, 2), "a_point_over_that_of_a_short_method": round(long / 10 / short, 2)}


def import_time() -> dict[str, Any]:
    """Time `import stateflow` in a fresh interpreter, less the interpreter's own start."""

    def start(code: str) -> float:
        times = []
        for _ in range(REPEATS):
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times.append(time.perf_counter() - begin)
        return min(times)

    return {"ms": round((start("import stateflow") - start("pass")) * 1000, 1)}


def fail_points() -> dict[str, Any]:
    """Compare a fail point that is not armed with a call of an empty function."""

    def empty(name: str) -> None:
        pass

    def of(function: Callable[[str], None]) -> Callable[[int], None]:
        def body(count: int) -> None:
            for _ in range(count):
                function("before-commit")

        return body

    off, nothing = best_seconds(of(reach), 1_000_000), best_seconds(of(empty), 1_000_000)
    return {"ns": round(off * 1e9, 1), "over_an_empty_call": round(off / nothing, 2)}


def main() -> None:
    """Print the results."""
    facts = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
    benchmarks = (
        buy_item, native_method, compile_methods, compile_long_method, import_time, fail_points, frames_and_states, durable_transfers,
        step_costs,
    )  # fmt: skip
    print(json.dumps({"machine": facts, **{b.__name__: b() for b in benchmarks}}, indent=2))


if __name__ == "__main__":
    main()
