"""Generate programs: entity classes and a method of random statements. The same seed always gives the same program."""

from __future__ import annotations

import random

from tests.fuzz.preamble import SCRIPT, Flavour, preamble
from tests.fuzz.statements import Statements

__all__ = ["generate"]

# A longer method runs no more of its lines: an exception or a return ends it before. Many short ones find more in the same time.
LINES = range(6, 42)


def generate(seed: int) -> str:
    """Return the source of a program."""
    choices = random.Random(seed)
    flavour = Flavour(choices)
    statements = Statements(choices, flavour, choices.choice(LINES))
    return preamble(flavour) + "\n".join(statements.method_body()) + SCRIPT
