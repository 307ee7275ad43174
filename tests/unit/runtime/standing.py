"""An engine that stands still in the middle of a request until the test says so."""

from __future__ import annotations

import threading
from typing import Any

from stateflow.runtime.local import LocalRuntime

__all__ = ["Stop"]


class Stop:
    """Makes the engine of a runtime stand still in every request for one method, whose names compiled code cannot know.

    Attributes:
        begun: set when the engine stands still.
    """

    def __init__(self, runtime: LocalRuntime, method: str) -> None:
        self.begun = threading.Event()
        self._end = threading.Event()
        engine = runtime._engine
        assert engine is not None
        execute = engine.executor.execute_once

        def execute_or_wait(request: Any, references: Any) -> Any:
            if request.name == method:
                self.begun.set()
                assert self._end.wait(30)
            return execute(request, references)

        engine.executor.execute_once = execute_or_wait  # type: ignore[method-assign]

    def end(self) -> None:
        """Let the engine go on, now and in all further requests."""
        self._end.set()

    def __enter__(self) -> Stop:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
