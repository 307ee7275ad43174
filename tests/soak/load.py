"""What the engine does while it is watched: all that may leave something behind."""

from __future__ import annotations

import itertools
import random
import threading
from typing import TYPE_CHECKING, Any

import stateflow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.client import StateflowClient, StateflowFuture

__all__ = ["Box", "Load"]

_BOXES = 10_000
_WINDOW = 64


class Full(Exception):
    """A box takes no more."""


@stateflow.entity
class Box:
    """An entity whose state grows and shrinks, and which makes and deletes others."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: list[str] = []
        self.lid: Box | None = None

    def __key__(self) -> str:
        return self.name

    def put(self, line: str, other: Box) -> int:
        self.lines.append(line)
        other.take(line)
        if len(self.lines) > 20:
            self.lines.clear()
        return len(self.lines)

    def take(self, line: str) -> None:
        self.lines = [*self.lines[-5:], line]

    def refuse(self, other: Box) -> None:
        other.take("lost")
        self.lines.append("lost")
        raise Full(self.name)

    def cover(self, name: str) -> str:
        if self.lid is not None:
            stateflow.delete(self.lid)
        self.lid = Box(name)
        return name


class Load:
    """Threads that send requests, each many at once, until they are told to stop.

    Attributes:
        replies: how many replies have come.
        problems: replies that should not have come.
    """

    def __init__(self, client: StateflowClient, threads: int) -> None:
        self.replies = 0
        self.problems: list[str] = []
        self._client = client
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(number,), daemon=True) for number in range(threads)]

    def start(self) -> None:
        """Create the entities, then start."""
        for start in range(0, _BOXES, 1000):
            boxes = [future.get(60) for future in [self._client.create(Box, f"box {n}") for n in range(start, start + 1000)]]
            # Each has a lid from the start, so that the number of entities stays as it is.
            for future in [self._client.call(Box.cover, box, f"lid of {box!r}") for box in boxes]:
                future.get(60)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop, and wait for what is under way."""
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _work(self, number: int) -> None:
        draw = random.Random(number)
        names = (f"lid {number} {n}" for n in itertools.count())
        while not self._stop.is_set():
            for future in [self._request(draw, names) for _ in range(_WINDOW)]:
                try:
                    future.get(60)
                except Full:
                    pass
                except Exception as error:
                    self.problems.append(repr(error))
                self.replies += 1

    def _request(self, draw: random.Random, names: Iterator[str]) -> StateflowFuture[Any]:
        one, other = (self._client.ref(Box, f"box {n}") for n in draw.sample(range(_BOXES), 2))
        match draw.randrange(10):
            case 0:
                return self._client.call(Box.cover, one, next(names))
            case 1:
                return self._client.call(Box.refuse, one, other)
            case 2:
                return self._client.state(one)
            case 3:
                return self._client.get(one, "lines")
            case _:
                return self._client.call(Box.put, one, "x" * draw.randrange(100), other)
