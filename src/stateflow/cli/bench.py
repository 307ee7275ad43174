"""The command `stateflow bench`: a workload on an engine, with a verified result."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from stateflow.bench.keys import Distribution
from stateflow.bench.names import EngineName, WorkloadName
from stateflow.cli.options import Json
from stateflow.cli.printing import print_json
from stateflow.cli.refusals import ERRORS_EXIT, refusals
from stateflow.errors import ConfigurationError, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stateflow.bench.finding import HighestRate
    from stateflow.bench.load import Load
    from stateflow.bench.results import Result
    from stateflow.bench.workload import Size

__all__ = ["bench"]


def bench(
    workload: Annotated[
        WorkloadName, typer.Argument(case_sensitive=False, help="a, b, t, m: records after YCSB; tpcc; hotel; shop.", show_default=False)
    ],
    *,
    runtime: Annotated[EngineName, typer.Option(help="The engine; flink starts Kafka and Flink on this machine.")] = EngineName.LOCAL,
    rate: Annotated[float | None, typer.Option(min=0.1, help="Requests a second, each due at its moment.", show_default="none")] = None,
    clients: Annotated[int, typer.Option(min=1, max=100_000, help="Without --rate: how many requests are under way.")] = 32,
    find_rate: Annotated[bool, typer.Option("--find-rate", help="Look for the highest rate with a p99 under --p99-ms.")] = False,
    p99_ms: Annotated[float, typer.Option("--p99-ms", min=0.1, help="With --find-rate: the limit.")] = 100.0,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long to measure; with --find-rate, each rate.")] = 10.0,
    warm_up: Annotated[float, typer.Option(min=0.0, help="How many seconds to send before that.")] = 2.0,
    entities: Annotated[int, typer.Option(min=10, max=10_000_000, help="How many there are; not for tpcc.")] = 5_000,
    keys: Annotated[Distribution, typer.Option(help="How often each is used; zipf has exponent 0.99.")] = Distribution.UNIFORM,
    warehouses: Annotated[int, typer.Option(min=1, max=1_000, help="Of tpcc.")] = 1,
    scale: Annotated[float, typer.Option(min=0.001, max=1.0, help="Of tpcc: a share of the standard's numbers of entities.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Decides the requests.")] = 1,
    path: Annotated[
        Path | None, typer.Option(help="The file of the embedded engine; it must not exist.", show_default="a temporary one")
    ] = None,
    json: Json = False,
) -> None:
    """Send a workload to an engine, verify the states, and print throughput and latency; exit with 1 when they do not verify."""
    with refusals():
        _check_installed()
        if find_rate and rate:
            raise ConfigurationError("SF540: --rate and --find-rate are both given; leave out --rate to look for one")
        from stateflow.bench.load import Load
        from stateflow.bench.workload import Size

        size = Size(entities, keys, warehouses, scale)
        load = Load(rate=rate, clients=clients, warm_up_s=warm_up, seconds=seconds)
        with _file(path) as file, _bar() as progress:
            result = _run(workload, size, load, runtime, file, progress, seed, p99_ms if find_rate else None)
    if json:
        print_json(result)
    else:
        typer.echo("\n".join(_lines(result)))
    raise typer.Exit(0 if result.verified else ERRORS_EXIT)


def _check_installed() -> None:
    try:
        import hdrh  # noqa: F401
    except ImportError as error:
        raise MissingExtra(
            f"SF541: stateflow bench needs {error.name}, which is not installed; run: pip install 'stateflow[bench]'"
        ) from error


def _run(
    name: WorkloadName,
    size: Size,
    load: Load,
    runtime: EngineName,
    path: Path,
    progress: Callable[[str, float], None],
    seed: int,
    p99_limit_ms: float | None,
) -> Result:
    from stateflow.bench.engines import open_engine
    from stateflow.bench.finding import find_rate
    from stateflow.bench.results import machine
    from stateflow.bench.run import Session
    from stateflow.bench.workloads import WORKLOADS

    chosen = WORKLOADS[name](size)
    facts = machine(path.parent)
    with open_engine(runtime, name, chosen, path) as engine:
        session = Session(name, chosen, engine, progress, seed)
        session.fill()
        if p99_limit_ms is None:
            return session.result(runtime, session.measure(load), session.verify(), facts)
        found = find_rate(session, load, p99_limit_ms)
        return session.result(runtime, found.measured, session.verify(), facts, found.highest)


@contextmanager
def _file(path: Path | None) -> Iterator[Path]:
    if path is None:
        with tempfile.TemporaryDirectory(prefix="stateflow-bench-") as folder:
            yield Path(folder) / "bench.db"
        return
    if path.exists():
        raise ConfigurationError(f"SF540: {path} exists, and a benchmark begins with an empty file; name another one")
    if not path.parent.is_dir():
        raise ConfigurationError(f"SF540: there is no folder {path.parent} for the database; make it first")
    yield path


@contextmanager
def _bar() -> Iterator[Callable[[str, float], None]]:
    """Show a bar on the error stream while one thing after another is done."""
    columns = (TextColumn("{task.description:>8}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bars: dict[str, TaskID] = {}

        def tell(doing: str, share: float) -> None:
            if doing not in bars:
                bars[doing] = progress.add_task(doing, total=1.0)
            for name, bar in bars.items():
                progress.update(bar, visible=name == doing)
            progress.update(bars[doing], completed=share)

        yield tell


def _lines(result: Result) -> list[str]:
    load = result.load
    how = "looking for a rate" if result.highest else f"{load.rate:g} requests/s" if load.rate else f"{load.clients} clients"
    lines = [f"{result.title}", f"{result.runtime}, {result.entities:,} entities, {result.keys} keys, {how}, {load.seconds:g} s"]
    for condition in result.conditions:
        lines.append(f"  {'WRONG' if condition.faults else 'ok   '}  {condition.name} ({condition.checked:,} checked)")
        lines += [f"         {fault}" for fault in condition.faults]
    lines += [f"  abort  {name}: {count:,}" for name, count in result.aborts.items()]
    lines += [f"  error  {name}: {count:,}" for name, count in result.errors.items()]
    if result.numbers is None:
        return [*lines, "the states do not verify, so there are no numbers" if result.replies else "nothing was answered"]
    if result.highest is not None:
        lines += _search(result.highest)
    lines.append(f"{result.numbers.per_second:,.0f} replies/s; latency in ms:")
    lines.append(f"  {'':12} {'count':>9} {'p50':>9} {'p90':>9} {'p99':>9} {'p99.9':>9} {'max':>9}")
    for kind, found in [*result.numbers.latency.items(), ("sent late by", result.numbers.late)]:
        shown = (found.p50_ms, found.p90_ms, found.p99_ms, found.p999_ms, found.max_ms)
        lines.append(f"  {kind:12} {found.count:>9,} {' '.join(f'{value:>9.3f}' for value in shown)}")
    return lines


def _search(highest: HighestRate) -> list[str]:
    limit = f"with a p99 under {highest.p99_limit_ms:g} ms"
    lines = [
        f"  {'kept' if each.is_kept else 'not '}  {each.rate:>9,.0f}/s: {each.per_second:,.0f} replies/s, p50 {each.p50_ms:.3f} ms, "
        f"p99 {each.p99_ms:.3f} ms" + (f", {each.errors:,} errors" if each.errors else "")
        for each in highest.tries
    ]
    if highest.rate is None:
        return [*lines, f"no rate {limit} was found; of the last that was tried:"]
    return [*lines, f"highest rate {limit}: {highest.rate:,.0f} requests/s; at that rate:"]
