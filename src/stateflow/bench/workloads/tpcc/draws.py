"""What TPC-C draws: non-uniform numbers (clause 2.1.6), last names (4.3.2.3), texts (4.3.2.2)."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random

__all__ = ["LOAD_CONSTANT", "RUN_CONSTANT", "last_name", "non_uniform", "remark", "street", "text", "zip_code"]

LOAD_CONSTANT: Final = 123
RUN_CONSTANT: Final = 208
"""C of last names when filling and when running. Clause 2.1.6.1: they differ by 65 to 119, and neither by 96 nor by 112."""

_SYLLABLES = ("BAR", "OUGHT", "ABLE", "PRI", "PRES", "ESE", "ANTI", "CALLY", "ATION", "EING")
_CHARACTERS = string.ascii_letters + string.digits


def non_uniform(draw: random.Random, bits: int, least: int, most: int, constant: int) -> int:
    """Return NURand(A, x, y): a number from `least` to `most`, some much more often than others.

    Args:
        draw: where chance comes from.
        bits: A; 255 for last names, 1023 for customers, 8191 for items.
        least: x, the smallest number.
        most: y, the largest number.
        constant: C, from 0 to A, the same throughout a run.
    """
    return ((draw.randint(0, bits) | draw.randint(least, most)) + constant) % (most - least + 1) + least


def last_name(number: int) -> str:
    """Return the last name of a number below 1,000."""
    return _SYLLABLES[number // 100] + _SYLLABLES[number // 10 % 10] + _SYLLABLES[number % 10]


def text(draw: random.Random, least: int, most: int) -> str:
    """Return random letters and digits, `least` to `most` of them."""
    return "".join(draw.choices(_CHARACTERS, k=draw.randint(least, most)))


def remark(draw: random.Random) -> str:
    """Return 26 to 50 characters; in one of ten, `ORIGINAL` is somewhere in them."""
    found = text(draw, 26, 50)
    if draw.random() >= 0.1:
        return found
    place = draw.randint(0, len(found) - 8)
    return f"{found[:place]}ORIGINAL{found[place + 8 :]}"


def street(draw: random.Random) -> str:
    """Return an address: two streets, a city, a state, a zip code, a line each."""
    return "\n".join([text(draw, 10, 20), text(draw, 10, 20), text(draw, 10, 20), text(draw, 2, 2), zip_code(draw)])


def zip_code(draw: random.Random) -> str:
    """Return four random digits and five ones (clause 4.3.2.7)."""
    return f"{draw.randint(0, 9999):04}11111"
