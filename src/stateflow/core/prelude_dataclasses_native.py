"""What `prelude_dataclasses` does with a dataclass that is never a suspension."""

from __future__ import annotations

from typing import Any

from stateflow.core.prelude_native import new

__all__ = ["new", "set_fields"]


def set_fields(made: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """Do what the `__init__` of a dataclass does but for the call of `__post_init__`; return the arguments of that."""
    stand_in = _Initialised()
    cls: Any = type(made)
    # The generated function takes any object: it sets the fields, in their order, and calls the method last.
    cls.__init__(stand_in, *args, **kwargs)
    fields = vars(stand_in)
    given: tuple[Any, ...] = fields.pop(_GIVEN)
    for name, value in fields.items():
        object.__setattr__(made, name, value) if cls.__dataclass_params__.frozen else setattr(made, name, value)
    return given


_GIVEN = ".given"


class _Initialised:
    def __post_init__(self, *given: Any) -> None:
        vars(self)[_GIVEN] = given
