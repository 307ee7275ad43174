"""What `stateflow state` prints: tables for people, JSON for programs, a bar for work that takes a while."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from stateflow.cli.printing import print_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["print_classes", "print_entity", "print_keys", "print_versions", "progress_bar", "text_of_key"]


def print_classes(counts: dict[str, int], *, json: bool) -> None:
    """Print how many entities each class has."""
    if json:
        print_json({"classes": [{"class": name, "entities": count} for name, count in sorted(counts.items())]})
        return
    table = Table("class", "entities", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for name, count in sorted(counts.items()):
        table.add_row(Text(name), str(count))
    _console().print(table)


def print_versions(rows: list[dict[str, Any]], *, json: bool) -> None:
    """Print the versions of classes, oldest first, with how many entities each wrote last."""
    if json:
        print_json({"versions": rows})
        return
    table = Table("class", "version", "entities", "fields", box=None, pad_edge=False)
    table.columns[2].justify = "right"
    for row in rows:
        version, fields = str(row["version"] or row["digest"][:8]), ", ".join(row["fields"])
        table.add_row(Text(row["class"]), Text(version), str(row["entities"]), Text(fields))
    _console().print(table)


def print_keys(class_name: str, keys: list[Any], *, has_more: bool, json: bool) -> None:
    """Print keys, given as JSON holds them."""
    if json:
        print_json({"class": class_name, "keys": keys, "has_more": has_more})
        return
    for key in keys:
        sys.stdout.write(text_of_key(key) + "\n")
    if has_more:
        _console(to_stderr=True).print(Text(f"there are more; go on with --after {_quoted(text_of_key(keys[-1]))}", "dim"), soft_wrap=True)


def print_entity(line: dict[str, Any], *, json: bool) -> None:
    """Print one entity, given as its line of an export."""
    if json:
        print_json(line)
        return
    title = Text(f"{line['class']} {text_of_key(line['key'])}")
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, show_header=False)
    for name, value in line["state"].items():
        table.add_row(Text(name, "bold"), Text(_compact(value)))
    _console().print(table)


def text_of_key(key: Any) -> str:
    """Return a key as people write it: text as it is, unless that reads as JSON, and JSON for all others."""
    if type(key) is not str or not key:
        return _compact(key)
    try:
        msgspec.json.decode(key)
    except msgspec.DecodeError:
        return key if key.isprintable() else _compact(key)
    return _compact(key)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], object]]:
    """Show how far some work is, on a terminal; give what is to be told how much of how much is done."""
    console = _console(to_stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _compact(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _console(*, to_stderr: bool = False) -> Console:
    return Console(stderr=to_stderr, highlight=False)
