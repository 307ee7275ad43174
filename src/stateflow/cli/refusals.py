"""What StateFlow refuses, as text and an exit code."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NoReturn

import typer

from stateflow.cli import printing
from stateflow.errors import CompileError, DatabaseError, EntityError, IncompatibleSchema, MalformedBytes, StateflowError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ERRORS_EXIT", "USAGE_EXIT", "refusals"]

ERRORS_EXIT: Final = 1
USAGE_EXIT: Final = 2


@contextmanager
def refusals() -> Iterator[None]:
    """Print what StateFlow refuses as text, never as a traceback, and exit."""
    try:
        yield
    except CompileError as error:
        printing.print_diagnostics(error.diagnostics, len(error.diagnostics), "the module", to_stderr=True)
        _exit(ERRORS_EXIT)
    except (DatabaseError, EntityError, IncompatibleSchema, MalformedBytes) as error:
        # The command was right; what it was told to read or write is not.
        typer.echo("\n".join([str(error), *getattr(error, "__notes__", ())]), err=True)
        _exit(ERRORS_EXIT)
    except StateflowError as error:
        typer.echo(str(error), err=True)
        _exit(USAGE_EXIT)


def _exit(code: int) -> NoReturn:
    raise typer.Exit(code) from None
