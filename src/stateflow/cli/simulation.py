"""The command `stateflow simulate`: one seeded run of many places, and what it came to."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from stateflow.cli.options import Json
from stateflow.cli.printing import print_json
from stateflow.cli.refusals import ERRORS_EXIT

__all__ = ["simulate"]


class Workload(StrEnum):
    """What the requests are."""

    MIX = "mix"
    TRANSFERS = "transfers"
    SHOP = "shop"
    ORDERS = "orders"
    TREES = "trees"


def simulate(
    *,
    seed: Annotated[int, typer.Option(help="Decides everything; the same seed always does the same.")] = 0,
    places: Annotated[int | None, typer.Option(min=0, max=1024, help="Partitions; 0: each entity at a place of its own.")] = None,
    workload: Annotated[Workload, typer.Option(help="What the requests are; mix lets the seed choose.")] = Workload.MIX,
    requests: Annotated[int | None, typer.Option(min=1, max=10_000, help="How many requests clients send.")] = None,
    verdict: Annotated[bool, typer.Option("--verdict", help="Print the verdict alone.")] = False,
    json: Json = False,
) -> None:
    """Run transactions over simulated places, a log and workers that fail, and print each step; exit with 1 when a promise is broken."""
    from stateflow.runtime.simulation import Setting, simulate

    result = simulate(Setting(seed, places, workload.value, requests, is_traced=not verdict))
    if json:
        violations = [str(violation) for violation in result.violations]
        trace = {} if verdict else {"trace": result.trace}
        print_json({"seed": seed, "steps": result.steps, "violations": violations, **trace})
        raise typer.Exit(ERRORS_EXIT if violations else 0)
    lines = [] if verdict else result.trace
    lines.append(f"seed {seed}: {result.steps} steps, {len(result.violations)} violations")
    lines += [str(violation) for violation in result.violations] if verdict else []
    typer.echo("\n".join(lines))
    raise typer.Exit(ERRORS_EXIT if result.violations else 0)
