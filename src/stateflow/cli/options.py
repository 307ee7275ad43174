"""Arguments and options that several commands take, and how a word of theirs is read as JSON."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer

__all__ = ["Json", "Module", "json_or_text"]

Module = Annotated[str, typer.Argument(metavar="MODULE", help="A dotted module name, or the path of a Python file.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def json_or_text(word: str) -> Any:
    """Return the value that a word is as JSON; the word itself when it is none."""
    try:
        return msgspec.json.decode(word)
    except (msgspec.DecodeError, RecursionError):
        return word
