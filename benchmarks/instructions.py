"""How many instructions of CPython a step takes: a number that does not depend on what else the machine does.

`python -m benchmarks.instructions` prints JSON: for each kind of request the instructions and the calls of Python functions, and which
functions have most of them. What C code does in between, such as encoding, counts as one instruction, so compare times too.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.steps import BATCHES, PURSES, Places, adds, filled, pays

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

__all__ = ["instruction_counts"]

MEASURED = 100
_SHOWN = 12


def instruction_counts() -> dict[str, Any]:
    """Return instructions and calls for one request of each kind, 50 in an envelope, after each entity was used."""
    kinds: dict[str, tuple[int, Callable[[Places, int], tuple[str, Any]]]] = {
        "local write": (1, adds), "local transfer": (1, pays), "transfer over two places": (2, pays)
    }  # fmt: skip
    return {name: _counted(count, ask) for name, (count, ask) in kinds.items()}


def _counted(count: int, ask: Callable[[Places, int], tuple[str, Any]]) -> dict[str, Any]:
    places = filled(count)
    size = BATCHES[-1]
    envelopes = list(places.envelopes([ask(places, number) for number in range(PURSES + MEASURED)], size))
    for place, data in envelopes[: -MEASURED // size]:
        places.deliver(place, data)
    instructions: Counter[str] = Counter()
    calls: Counter[str] = Counter()

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        name = f"{Path(frame.f_code.co_filename).name}:{frame.f_code.co_name}"
        if event == "call":
            calls[name] += 1
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
        elif event == "opcode":
            instructions[name] += 1
        return trace

    sys.settrace(trace)
    try:
        for place, data in envelopes[-MEASURED // size :]:
            places.deliver(place, data)
    finally:
        sys.settrace(None)
    most = {name: round(number / MEASURED, 1) for name, number in instructions.most_common(_SHOWN)}
    return {"instructions": round(instructions.total() / MEASURED), "calls": round(calls.total() / MEASURED), "most": most}


if __name__ == "__main__":
    print(json.dumps(instruction_counts(), indent=2))
