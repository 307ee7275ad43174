"""Where a value comes from: what the read-only proof must know before it lets a function change the value.

Every value has two origins: of the object itself, and of all that is reached through it. Both only grow while a function is looked at, so
the search ends.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

__all__ = ["ATOM", "CROSSED", "STATE", "Form", "Origin", "Value", "container", "element", "join"]


class Origin(IntEnum):
    """FRESH was made by this transaction; CROSSED is a copy from elsewhere or an entity itself; STATE may belong to an entity."""

    FRESH = 0
    CROSSED = 1
    STATE = 2


class Form(IntEnum):
    """ATOM can never be changed and holds nothing; BUILTIN is of a class of Python's own; ANY may be of a class of the user."""

    ATOM = 0
    BUILTIN = 1
    ANY = 2


class Value(NamedTuple):
    """What is known of an expression: the origin of the object itself, of what it holds, and its form."""

    itself: Origin
    content: Origin
    form: Form

    @property
    def reach(self) -> Origin:
        """The origin of the worst that may be reached."""
        return max(self.itself, self.content)

    def holding(self, origin: Origin) -> Value:
        """Return the value when things of an origin may have been put into it."""
        return self if self.form is Form.ATOM else Value(self.itself, max(self.content, origin), self.form)


ATOM = Value(Origin.FRESH, Origin.FRESH, Form.ATOM)
CROSSED = Value(Origin.CROSSED, Origin.CROSSED, Form.ANY)
STATE = Value(Origin.STATE, Origin.STATE, Form.ANY)


def join(*values: Value) -> Value:
    """Return what is known of a value that is one of several; of none: an atom."""
    result = ATOM
    for value in values:
        result = Value(max(result.itself, value.itself), max(result.content, value.content), max(result.form, value.form))
    return result


def container(*values: Value) -> Value:
    """Return a new container of Python's own that holds values."""
    return Value(Origin.FRESH, join(*values).reach, Form.BUILTIN)


def element(value: Value) -> Value:
    """Return what a value holds."""
    return value if value.form is Form.ATOM else Value(value.content, value.content, Form.ANY)
