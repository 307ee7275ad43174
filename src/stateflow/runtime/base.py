"""What all engines share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from stateflow.dataflow import Dataflow

__all__ = ["Runtime"]


class Runtime(ABC):
    """An engine that runs a dataflow.

    Args:
        flow: the compiled classes.
    """

    def __init__(self, flow: Dataflow) -> None:
        self.flow = flow

    @abstractmethod
    def run(self) -> None:
        """Run the dataflow. Engines with workers of their own return at once; the others return when the job has ended."""

    @abstractmethod
    def close(self) -> None:
        """Stop, and free what the engine holds. May be called again."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()
