"""Programs whose process is killed by SIGKILL at a fail point, and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.crash.images import NAME
from tests.judge.corpus import Program

__all__ = ["kill_and_repeat"]

_ROOT = Path(__file__).parents[2]


def kill_and_repeat(program: Program, fail_point: str) -> str | None:
    """Run a program three times: to its end; killed at a fail point; and to its end over the file that the killed process left.

    Args:
        program: the program.
        fail_point: where it dies, such as `before-commit:2`.

    Returns:
        What is wrong; None when the last run said what the first one said, and the killed one had said the beginning of it.
    """
    with tempfile.TemporaryDirectory(prefix="stateflow-crash-") as name:
        folder = Path(name)
        (folder / "clean").mkdir()
        clean = _run(program, folder / "clean" / NAME)
        killed = _run(program, folder / NAME, STATEFLOW_TESTING="1", STATEFLOW_FAIL_POINT=fail_point)
        again = _run(program, folder / NAME)
    text = f"{program.name}, killed at {fail_point}"
    if killed.returncode != -signal.SIGKILL:
        return f"{text}: it ended with code {killed.returncode} instead: {killed.stderr}"
    if clean.returncode or again.returncode:
        return f"{text}: exit codes {clean.returncode} and {again.returncode}: {clean.stderr} {again.stderr}"
    if not clean.stdout.startswith(killed.stdout):
        return f"{text}: it said\n{killed.stdout}instead of\n{clean.stdout}"
    return None if again.stdout == clean.stdout else f"{text}: repeated, it said\n{again.stdout}instead of\n{clean.stdout}"


def _run(program: Program, path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.crash.script_child", str(program.path), str(path)],
        cwd=_ROOT, env={**os.environ, **variables}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
