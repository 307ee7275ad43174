"""Print what the judge says of some programs: `python -m tests.judge tests/programs/shop/buy_item.py`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.judge.corpus import Program
from tests.judge.judge import judge


def main() -> None:
    for name in sys.argv[1:]:
        program = Program(Path(name).resolve())
        run, _ = judge(program)
        print(f"== {program.name}")
        for outcome in run.outcomes:
            print(f"{outcome.request:24} {outcome.answer}  {outcome.printed!r}")
        for entity, state in run.states.items():
            print(f"   {entity}: {state}")


main()
