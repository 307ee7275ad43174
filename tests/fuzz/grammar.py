"""Generate programs: entity classes and a method of random statements. The same seed always gives the same program."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.fuzz.preamble import ANNOTATIONS, REQUESTS, Flavour, preamble, requests, runner
from tests.fuzz.richer import Richer

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["generate", "modules"]

PER_MODULE = 8
"""Programs that may share a module: compiling the classes that all of them use takes as long as compiling a method of twenty lines."""

ALONE = 0.06
"""Share of the modules' programs that get a module each: what the compiler knows of a program is less when others are beside it."""

SIZES = ((0.65, range(2, 8), 3), (0.28, range(8, 20), 3), (0.07, range(20, 56), 2))
"""Share of programs, their lines, and how many requests are sent to them.

A long method seldom runs most of its lines: an exception or a return ends it before. Many short ones find more in the same time. Where a
construct fails only inside or after many others, a long one is what finds it.
"""


def generate(first: int, end: int | None = None) -> str:
    """Return the source of the module of a program, or of the programs with the seeds before `end`, which are in one module."""
    block = first // PER_MODULE
    flavour = Flavour(random.Random(f"flavour {block}"))
    classes, scripts = [], []
    for seed in range(first, first + 1 if end is None else end):
        choices = random.Random(seed)
        _, lines, sent = choices.choices(SIZES, [share for share, _, _ in SIZES])[0]
        annotations = choices.choice(ANNOTATIONS)
        number = seed % PER_MODULE
        statements = Richer(choices, flavour, choices.choice(lines), number)
        classes.append(runner(number, flavour, annotations, statements.method_body()))
        scripts.append(requests(number, choices.sample(REQUESTS, sent)))
    return preamble(flavour) + "".join(classes) + "\n\ndef script(world):" + "\n".join(scripts)


def modules(first: int, end: int) -> Iterator[range]:
    """Yield the seeds from `first` to before `end` by the modules that their programs are in."""
    while first < end:
        block = first // PER_MODULE
        is_alone = random.Random(f"module {block}").random() < ALONE
        after = first + 1 if is_alone else min((block + 1) * PER_MODULE, end)
        yield range(first, after)
        first = after
