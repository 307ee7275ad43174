"""What the prelude needs of Python's own containers."""

from __future__ import annotations

from collections import deque
from typing import Any

__all__ = [
    "add_pair", "count", "is_dict", "is_extended", "is_joined", "is_list", "join", "pairs", "places", "update",
]  # fmt: skip


def is_list(value: Any) -> bool:
    return type(value) is list


def pairs(value: dict[Any, Any]) -> list[tuple[Any, Any]]:
    return list(value.items())


def places(sequence: Any, start: int, stop: int | None) -> range:
    return range(*slice(start, stop).indices(len(sequence)))


def is_dict(value: Any) -> bool:
    return isinstance(value, dict)


def is_joined(value: Any, name: str) -> bool:
    """Tell whether an operator is one of a sequence of Python's own, which comes after those of numbers."""
    return name in ("add", "mul") and isinstance(value, str | bytes | bytearray | list | tuple | deque)


def is_extended(value: Any) -> bool:
    """Tell whether `+=` adds the elements of any iterable, one after the other."""
    return isinstance(value, list | deque)


def update(mapping: dict[Any, Any], given: dict[Any, Any]) -> None:
    mapping.update(given)


def join(separator: str, parts: list[str]) -> str:
    return separator.join(parts)


def count(counter: Any, given: dict[Any, Any]) -> None:
    counter.update(given)


def add_pair(mapping: dict[Any, Any], pair: Any, position: int) -> None:
    """Do what `dict.update` does with one element; its errors say which one it is."""
    try:
        mapping.update((pair,))
    except (TypeError, ValueError) as error:
        text = str(error)
        if "update sequence element #0" not in text:
            raise
        failed = type(error)(text.replace("#0", f"#{position}"))
    else:
        return
    raise failed
