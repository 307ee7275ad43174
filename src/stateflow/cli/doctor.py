"""The command `stateflow doctor`: what is installed here, and how to install what is missing."""

from __future__ import annotations

import platform
import re
import shutil
import sqlite3
import sys
from importlib import metadata
from typing import TYPE_CHECKING, Final

from msgspec import Struct, to_builtins
from rich.console import Console
from rich.table import Table
from rich.text import Text

import stateflow
from stateflow import limits
from stateflow.cli.options import Json
from stateflow.cli.printing import print_json
from stateflow.development.jars import find_java
from stateflow.errors import ToolMissing

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["doctor"]

# Packages of engines that this version has no code for would only mislead.
_EXTRAS: Final = ("cli", "fastapi", "kafka", "flink", "testing")
_REQUIREMENT: Final = re.compile(r"([\w.\-]+).*extra == ['\"]([\w\-]+)['\"]")
_PURPOSES: Final = {
    "cli": "the stateflow command",
    "fastapi": "HTTP endpoints",
    "kafka": "clients of a job behind Kafka",
    "flink": "jobs on Apache Flink",
    "testing": "fixtures for pytest",
}


class Finding(Struct, frozen=True):
    """One thing that is looked for.

    Attributes:
        name: what it is.
        version: its version, or where it is; empty when it is missing.
        purpose: what it is for.
        fix: how to install it, when it is missing.
    """

    name: str
    version: str
    purpose: str
    fix: str = ""


def doctor(*, json: Json = False) -> None:
    """Show what is installed, with versions, how to install what is missing, and the limits."""
    found = list(look())
    sizes = _limits()
    if json:
        print_json({"findings": to_builtins(found), "limits": sizes})
        return
    table = Table("what", "version or place", "for", box=None, pad_edge=False)
    for each in found:
        table.add_row(Text(each.name), Text(each.version or "missing", "" if each.version else "yellow"), Text(each.purpose))
    console = Console(highlight=False)
    console.print(table)
    for fix in dict.fromkeys(each.fix for each in found if each.fix):
        console.print(Text(f"to add what is missing: {fix}"), soft_wrap=True)
    console.print(Text(f"{len(sizes)} limits, such as {limits.KEY_BYTES} bytes of a key; --json lists them"), soft_wrap=True)


def look() -> Iterator[Finding]:
    """Look for all that StateFlow can use."""
    yield Finding("Python", platform.python_version(), "everything")
    yield Finding("StateFlow", stateflow.__version__, "everything")
    yield Finding("msgspec", metadata.version("msgspec"), "everything")
    yield Finding("SQLite", sqlite3.sqlite_version, "entities in a file")
    for extra, package in _packages():
        version = _version(package)
        yield Finding(package, version, _PURPOSES[extra], "" if version else f"{_pip()} install 'stateflow[{extra}]'")
    yield from _tools()


def _packages() -> Iterator[tuple[str, str]]:
    """Give the extras' packages, as the metadata of the installed package names them; a package of several extras with the smallest."""
    seen = set()
    known = [match for line in metadata.requires("stateflow") or () if (match := _REQUIREMENT.match(line))]
    for extra in _EXTRAS:
        for package in (match[1] for match in known if match[2] == extra):
            if package not in seen:
                seen.add(package)
                yield extra, package


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _pip() -> str:
    return "pip" if shutil.which("pip") else f"{sys.executable} -m pip"


def _tools() -> Iterator[Finding]:
    purpose = "a real Kafka and Flink on this machine: stateflow dev"
    try:
        yield Finding("Java", str(find_java()), purpose)
    except ToolMissing as error:
        yield Finding("Java", "", purpose, f"{error.tool}: {error.fix}")
    maven = shutil.which("mvn") or ""
    yield Finding("Maven", maven, purpose, "" if maven else "Maven (Debian: apt install maven)")
    graphviz = shutil.which("dot") or ""
    yield Finding("Graphviz", graphviz, "stateflow graph --format svg", "" if graphviz else "Graphviz (Debian: apt install graphviz)")


def _limits() -> dict[str, float]:
    return {name: value for name, value in vars(limits).items() if name in limits.__all__ and isinstance(value, int | float)}
