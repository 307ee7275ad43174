"""What a planted bug is: a change of the compiler or the core, made for one test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.judge.compiled import Mode

__all__ = ["Bug", "Garden"]

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Bug:
    """A deliberate bug.

    Attributes:
        name: says what is wrong.
        program: the program of the corpus that must notice it.
        mode: how calls are carried out in the run that notices.
        plant: puts the bug in.
    """

    name: str
    program: str
    mode: Mode
    plant: Plant


class Garden(list[Bug]):
    """The bugs of one part of the system."""

    def bug(self, program: str, mode: Mode = Mode.INLINE) -> Callable[[Plant], Plant]:
        """Add the decorated function as a bug that `program` notices."""

        def add(plant: Plant) -> Plant:
            self.append(Bug(plant.__name__, program, mode, plant))
            return plant

        return add
