"""Where each variable of a function is read and bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stateflow.compiler.analysis.effects import of_blocks

if TYPE_CHECKING:
    from stateflow.compiler.ir import FunctionIR

__all__ = ["Place", "Places", "is_temporary"]


class Place(NamedTuple):
    """An instruction of a block by its position; one past the last is the terminator."""

    label: int
    position: int


class Places:
    """The effects at each place, and for each variable where it may be read (`readers`) and bound or unbound (`binders`)."""

    def __init__(self, function: FunctionIR) -> None:
        self.function = function
        self.effects = of_blocks(function.blocks.values())
        self._killed = {name for block in function.blocks.values() for name in block.killed}
        self.readers: dict[str, list[Place]] = {}
        self.binders: dict[str, list[Place]] = {}
        for label, found in self.effects.items():
            for index, effects in enumerate(found):
                place = Place(label, index)
                for name in effects.uses:
                    self.readers.setdefault(name, []).append(place)
                for name in effects.may_bind | effects.unbinds:
                    self.binders.setdefault(name, []).append(place)

    def is_steady(self, name: str) -> bool:
        """Tell whether a variable always has the value that it was given as a parameter."""
        return name not in self.binders and name in self.function.parameters and not self.is_killed(name)

    def is_killed(self, name: str) -> bool:
        """Tell whether a variable is unbound on the way to some handler."""
        return name in self._killed


def is_temporary(name: str) -> bool:
    """Tell whether a variable is the compiler's own and no cell."""
    return name.startswith(".") and not name.startswith((".cell.", ".fn:"))
