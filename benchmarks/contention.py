"""Transfers over few accounts at a fixed rate, with hops of 3 ms: `python -m benchmarks.contention`. Prints JSON."""

from __future__ import annotations

import json
import random
import sys
from dataclasses import asdict
from typing import Any

import stateflow
from stateflow.histories.plan import Ask, Target
from stateflow.histories.workloads.mixes import creations, zipf_weights
from stateflow.histories.workloads.transfers import Account, Auditor
from stateflow.protocol.messages import Operation
from stateflow.runtime.simulation.contention import Contention, Costs, Measured

COINS = 1_000_000


def zipf_both_sides(partitions: int, seconds: float, per_second: float = 2_000, accounts: int = 5_000, seed: int = 1) -> Measured:
    """Measure transfers between accounts that are chosen by Zipf's law with exponent 0.99 on both sides."""
    draw = random.Random(seed)
    targets = [Target(Account, f"a{number}") for number in range(accounts)]
    weights = zipf_weights(accounts)
    pairs = []
    while len(pairs) < per_second * seconds:
        payer, payee = draw.choices(targets, weights, k=2)
        if payer != payee:
            pairs.append((payer, payee))
    return _measure(partitions, targets, pairs, per_second, draw)


def many_to_one(partitions: int, seconds: float, per_second: float = 1_000, payers: int = 2_000, seed: int = 1) -> Measured:
    """Measure transfers of many payers to one payee."""
    draw = random.Random(seed)
    payee = Target(Account, "shop")
    targets = [Target(Account, f"a{number}") for number in range(payers)]
    pairs = [(draw.choice(targets), payee) for _ in range(int(per_second * seconds))]
    return _measure(partitions, [*targets, payee], pairs, per_second, draw)


def _measure(
    partitions: int, targets: list[Target], pairs: list[tuple[Target, Target]], per_second: float, draw: random.Random
) -> Measured:
    places = Contention(stateflow.init(Account, Auditor), partitions, Costs())
    places.prepare(creations(Account, [key for _, key in targets], COINS))
    asks = [Ask(f"t{n}", Operation.CALL, payer, "pay", (payee, 1, f"t{n}")) for n, (payer, payee) in enumerate(pairs)]
    return places.run(asks, per_second, draw)


def main() -> None:
    """Print what both scenes take on several numbers of partitions."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5
    found: dict[str, Any] = {"seconds": seconds, "costs": Costs()._asdict()}
    for partitions in (1, 2, 4, 16):
        for scene in (zipf_both_sides, many_to_one):
            found[f"{scene.__name__} on {partitions} partitions"] = asdict(scene(partitions, seconds))
    json.dump(found, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
