"""What a workload is: entities, requests, and the conditions that their states must fulfil."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, TypeVar

from msgspec import Struct

from stateflow.bench.keys import Distribution

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["Ask", "Condition", "References", "Size", "States", "Tally", "Workload"]

T = TypeVar("T")
Effect = tuple[str, object, int]
"""A name, a key, and what an acknowledged request adds to the count of both."""


class References(Protocol):
    """Addresses entities; every client does."""

    def ref(self, cls: type[T], key: object) -> T:
        """Address an entity."""
        ...


class Ask(NamedTuple):
    """A request to come. A reply `False` is a refusal: the request changed nothing.

    Attributes:
        kind: what is counted together.
        method: the method of the entity, or the class of which one is created.
        target: the entity; None for a creation.
        args: the arguments.
        effects: what is counted when the request is acknowledged.
        abort: the exception that this request is meant to end with, having changed nothing; None when it is meant to succeed.
    """

    kind: str
    method: Callable[..., Any]
    target: object
    args: tuple[Any, ...] = ()
    effects: tuple[Effect, ...] = ()
    abort: type[Exception] | None = None


class Condition(Struct, frozen=True):
    """Something that must hold of the states at the end.

    Attributes:
        name: what must hold.
        faults: what does not, the first few in words; empty when it holds.
        checked: how many entities, or sums, were looked at.
    """

    name: str
    faults: list[str]
    checked: int


class Tally:
    """Counts what was acknowledged, and what may have happened although no reply came."""

    def __init__(self) -> None:
        self.acknowledged: Counter[tuple[str, object]] = Counter()
        self.unknown: Counter[tuple[str, object]] = Counter()

    def acknowledge(self, effects: Iterable[Effect]) -> None:
        """Count a request that was answered."""
        for name, key, amount in effects:
            self.acknowledged[name, key] += amount

    def doubt(self, effects: Iterable[Effect]) -> None:
        """Count a request whose outcome nobody knows."""
        for name, key, amount in effects:
            self.unknown[name, key] += amount

    def fault(self, name: str, key: object, found: int) -> str | None:
        """Tell what is wrong with a number that is in a state; None when each acknowledged request is in it once."""
        least = self.acknowledged[name, key]
        most = least + self.unknown[name, key]
        if least <= found <= most:
            return None
        return f"{name} of {key}: {found}, and {least if least == most else f'{least} to {most}'} acknowledged"


class States(Protocol):
    """Reads the states of entities when no request is under way."""

    def __call__(self, cls: type, keys: Iterable[object]) -> Iterator[tuple[object, dict[str, Any] | None]]:
        """Yield each key with the state of its entity; None for one that does not exist."""
        ...


class Size(NamedTuple):
    """How large a workload is.

    Attributes:
        entities: how many entities, where the workload has no numbers of its own.
        keys: how often each of them is used.
        warehouses: of TPC-C.
        scale: the share of the numbers that a standard demands; 1 is the standard.
    """

    entities: int = 5_000
    keys: Distribution = Distribution.UNIFORM
    warehouses: int = 1
    scale: float = 1.0


class Workload(ABC):
    """A workload of some size."""

    title: ClassVar[str]
    classes: ClassVar[tuple[type, ...]]

    def __init__(self, size: Size) -> None:
        self.size = size

    @property
    @abstractmethod
    def entity_count(self) -> int:
        """How many entities there are before the first request."""

    @abstractmethod
    def creations(self, refs: References) -> Iterator[Ask]:
        """Yield the requests that fill the engine; those of one kind may need those of the kinds before, and none of each other."""

    @abstractmethod
    def requests(self, refs: References, draw: random.Random) -> Iterator[Ask]:
        """Yield requests without end."""

    @abstractmethod
    def check(self, states: States, tally: Tally) -> list[Condition]:
        """Look at all states and return what must hold, with what does not."""
