"""The operator with a profile of what it does in Python: `python -m benchmarks.flink --only stateflow --setting profile=FILE`."""

from __future__ import annotations

import cProfile
import io
import pstats
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from stateflow.runtime.flink.operator import PlaceOperator
from stateflow.runtime.flink.pyflink import FlinkRuntime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyflink.datastream import KeyedProcessFunction, RuntimeContext

__all__ = ["ProfiledRuntime"]

_EVERY_S: Final = 3.0
"""How often the profile is written."""


class ProfiledRuntime(FlinkRuntime):
    """A runtime whose worker writes a profile. Several would write the same file, so let the job have one.

    Attributes:
        profile: the file.
    """

    profile = ""

    def operator(self, keys: tuple[int, ...], reply_partitions: int) -> PlaceOperator:
        """Return what runs in the workers."""
        operator = super().operator(keys, reply_partitions)
        operator.__class__ = ProfiledOperator
        operator.profile = self.profile  # type: ignore[attr-defined]
        return operator


class ProfiledOperator(PlaceOperator):
    """Notes which functions take how long, and how long it waits: for the interpreter's lock, or for Java to clear memory."""

    profile: str

    def open(self, runtime_context: RuntimeContext) -> None:
        """Begin the profile."""
        super().open(runtime_context)
        # The time of this thread, so that the others on the machine do not count.
        self._profile = cProfile.Profile(time.thread_time)
        self._elements, self._wall_s, self._cpu_s, self._due_s = 0, 0.0, 0.0, time.monotonic() + _EVERY_S

    def process_element(self, value: bytes, ctx: KeyedProcessFunction.Context) -> Iterator[Any]:
        """Handle one record of the log."""
        wall_s, cpu_s = time.perf_counter(), time.thread_time()
        self._profile.enable()
        try:
            sent = list(super().process_element(value, ctx))
        finally:
            self._profile.disable()
        self._elements += 1
        self._wall_s += time.perf_counter() - wall_s
        self._cpu_s += time.thread_time() - cpu_s
        yield from sent
        # A job that is cancelled does not close what it runs.
        if time.monotonic() > self._due_s:
            self._due_s = time.monotonic() + _EVERY_S
            self._write()

    def _write(self) -> None:
        text = io.StringIO()
        text.write(f"{self._elements} elements, {self._wall_s:.3f} s, of which {self._cpu_s:.3f} s on a processor\n")
        pstats.Stats(self._profile, stream=text).sort_stats("tottime").print_stats(50)
        Path(self.profile).write_text(text.getvalue())
