"""The process that runs the script of one program over a file, and that is killed. `python -m tests.crash.script_child PROGRAM FILE`.

It writes one line for each request as soon as it is answered, and at the end one for each entity.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.crash.world import DurableWorld
from tests.judge.compiled import Compiled, own_key
from tests.judge.corpus import Program
from tests.judge.judge import judge
from tests.judge.world import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class TellingWorld(DurableWorld):
    """Writes each outcome down when it is here."""

    def _record(self, request: str, act: Callable[[], Any], *, state: bool = False) -> Any:
        result = super()._record(request, act, state=state)
        # Without a buffer of this process: what was said stays said when it is killed.
        os.write(1, f"{line_of(self.run.outcomes[-1])}\n".encode())
        return result


def line_of(outcome: Outcome) -> str:
    """Return request and answer of an outcome, in one line."""
    return repr((outcome.request, outcome.answer))


def main() -> None:
    program, path = Program(Path(sys.argv[1])), Path(sys.argv[2])
    compiled = Compiled(program)
    _, known = judge(program)
    with TellingWorld(compiled.flow, path) as world:
        compiled.module.script(world)
        run = world.finish([(getattr(compiled.module, name), own_key(compiled.module, key)) for name, key in known])
    for entity, state in run.states.items():
        os.write(1, f"{entity} = {state!r}\n".encode())


if __name__ == "__main__":
    main()
