"""The entry point of the `stateflow` command, which also answers when its extra is not installed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from stateflow.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["main"]

_USAGE_EXIT = 2


def main() -> None:
    """Run the command line and exit with its code: 0 success, 1 errors in the user's classes, 2 wrong use."""
    try:
        run = _load()
    except MissingExtra as error:
        print(error, file=sys.stderr)
        sys.exit(_USAGE_EXIT)
    run()


def _load() -> Callable[[], None]:
    try:
        import psutil  # noqa: F401
        import rich  # noqa: F401
        import typer  # noqa: F401
    except ImportError as error:
        raise MissingExtra(
            f"SF541: the stateflow command needs {error.name}, which is not installed; run: pip install 'stateflow[cli]'"
        ) from error
    from stateflow.cli.commands import app

    return app
