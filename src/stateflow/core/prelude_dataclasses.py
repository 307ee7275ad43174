"""Creation of dataclasses whose `__post_init__` suspends, in Python, so that the compiler can make it resumable."""

from __future__ import annotations

from typing import Any

from stateflow.core import prelude_dataclasses_native as native

__all__ = ["construct_dataclass", "initialise"]


def construct_dataclass(cls: Any, /, *args: Any, **kwargs: Any) -> Any:
    made = native.new(cls, args, kwargs)
    initialise(made, *args, **kwargs)
    return made


def initialise(made: Any, /, *args: Any, **kwargs: Any) -> None:
    given = native.set_fields(made, args, kwargs)
    made.__post_init__(*given)
