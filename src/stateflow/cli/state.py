"""The commands `stateflow state`: look at a database file, move its entities, back it up; also while a runtime has it open."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import stateflow
from stateflow.cli.modules import load_classes
from stateflow.cli.options import Json, json_or_text
from stateflow.cli.printing import print_json
from stateflow.cli.refusals import ERRORS_EXIT, refusals
from stateflow.cli.state_printing import print_classes, print_entity, print_keys, print_versions, progress_bar, text_of_key
from stateflow.errors import ConfigurationError, EntityNotFound, MalformedBytes
from stateflow.options import LocalOptions
from stateflow.protocol.json_keys import key_from_json, key_to_json
from stateflow.protocol.keys import read_key
from stateflow.protocol.pages import check_page, page_range
from stateflow.runtime.local.state_file import StateFile
from stateflow.runtime.local.state_lines import Existing, export_lines, import_lines, to_line
from stateflow.runtime.local.upgrading import upgrade_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

__all__ = ["app"]

app = typer.Typer(help="Look at the entities in a database file, move them, back the file up. No runtime is needed.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(metavar="FILE", help="The database file: `path` of LocalRuntime.", show_default=False)]
Class = Annotated[str | None, typer.Argument(metavar="CLASS", help="The name of an entity class.", show_default=False)]
Force = Annotated[bool, typer.Option("--force", help="Put it in the place of an existing file.")]
_STANDARD = Path("-")
_KEY_HELP = "As `list` shows it: text, or JSON: 17, true, '[\"ann\", 17]', '\"17\"' for the text 17."


@app.command("list")
def list_keys(
    file: File,
    class_name: Class = None,
    *,
    prefix: Annotated[str | None, typer.Option(help="Only keys that begin so: text, or a JSON array for keys that are tuples.")] = None,
    after: Annotated[str | None, typer.Option(metavar="KEY", help="Only keys that come after this one.")] = None,
    limit: Annotated[int, typer.Option(help="How many keys at most.")] = 100,
    json: Json = False,
) -> None:
    """List the classes with the numbers of their entities; or, of one class, the keys in order."""
    with refusals(), StateFile(file) as state:
        if class_name is None:
            print_classes({name: state.count(stored) for stored, name in state.classes.items()}, json=json)
            return
        stored = state.stored_name(class_name)
        keys = page_range(None if prefix is None else _prefix(prefix), None if after is None else read_key(_key(after)))
        found = list(state.keys(stored, keys, check_page(limit) + 1))
        print_keys(class_name, [key_to_json(key) for key in found[:limit]], has_more=len(found) > limit, json=json)


@app.command()
def get(
    file: File,
    class_name: Annotated[str, typer.Argument(metavar="CLASS", help="The name of an entity class.", show_default=False)],
    key: Annotated[str, typer.Argument(metavar="KEY", help=_KEY_HELP, show_default=False)],
    *,
    json: Json = False,
) -> None:
    """Show the attributes of one entity."""
    with refusals(), StateFile(file) as state:
        stored = state.stored_name(class_name)
        try:
            entity = state.get(stored, read_key(_key(key)))
        except EntityNotFound as error:
            raise _with_hint(error, state, stored, key) from None
        print_entity(to_line(entity, state.versions), json=json)


@app.command()
def versions(file: File, *, json: Json = False) -> None:
    """List the versions of classes that have written, oldest first, with how many entities are as each wrote them."""
    with refusals(), StateFile(file) as state:
        counts = state.count_versions()
        rows = [
            {
                "number": known.number, "class": known.version.class_name, "version": known.version.number, "digest": known.version.digest,
                "entities": counts.get(known.number, 0), "fields": list(known.version.fields),
            }
            for known in state.versions
        ]  # fmt: skip
    print_versions(rows, json=json)


@app.command()
def upgrade(
    file: File,
    module: Annotated[str, typer.Argument(metavar="MODULE", help="The module of the entity classes, or its file.", show_default=False)],
    *,
    allow_newer: Annotated[bool, typer.Option("--allow-newer", help="Take over states of newer code too, as if it were older.")] = False,
    allow_unknown: Annotated[bool, typer.Option("--allow-unknown", help="Leave entities of classes that the module lacks.")] = False,
    json: Json = False,
) -> None:
    """Write all entities of older versions as the present classes take them over. No runtime may have the file open."""
    with refusals():
        flow = stateflow.init(*load_classes(module))
        options = LocalOptions(allow_newer=allow_newer, allow_unknown=allow_unknown)
        if not file.is_file():
            raise ConfigurationError(f"SF540: there is no file {file}")
        with progress_bar("upgrading") as progress:
            done = upgrade_file(flow, file, options, progress)
    for failure in done.failures:
        typer.echo(str(failure), err=True)
    fields = {"entities": done.entities, "written": done.written, "failed": len(done.failures)}
    text = f"wrote {done.written} of {done.entities} entities anew" + (f"; {len(done.failures)} could not be" if done.failures else "")
    _report(fields, text, json=json, to_stderr=False)
    if done.failures:
        raise typer.Exit(ERRORS_EXIT)


@app.command()
def export(
    file: File,
    output: Annotated[Path, typer.Argument(metavar="OUTPUT", help="Where the lines go; - is the standard output.")] = _STANDARD,
    *,
    only: Annotated[list[str] | None, typer.Option("--class", help="Only entities of this class; may be given again.")] = None,
    force: Force = False,
    json: Json = False,
) -> None:
    """Write entities as lines of JSON, exactly, all of one moment. The request ledger is not in them."""
    with refusals(), StateFile(file) as state:
        names = [state.stored_name(name) for name in only] if only else list(state.classes)
        total = sum(state.count(name) for name in names)
        with _output(output, force=force) as out, progress_bar("exporting") as progress:
            for number, line in enumerate(export_lines(state, names)):
                out.write(line)
                if number % 1000 == 0 or number == total:
                    progress(number, total)
    _report({"entities": total, "commit": state.number}, f"exported {total} entities", json=json, to_stderr=output == _STANDARD)


@app.command("import")
def import_entities(
    file: File,
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="The lines of an export; - is the standard input.")] = _STANDARD,
    *,
    existing: Annotated[Existing, typer.Option(help="What to do about entities that the file has already.")] = Existing.REFUSE,
    json: Json = False,
) -> None:
    """Put exported entities into a file, a new one or an existing one: all of them or, in case of an error, none."""
    with refusals(), _input(source) as lines, progress_bar("importing") as progress:
        done = import_lines(file, lines, existing, progress)
    text = f"imported {done.new} new entities, replaced {done.replaced}, skipped {done.skipped}"
    _report(done._asdict(), text, json=json, to_stderr=False)


@app.command()
def backup(
    file: File,
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="The copy.", show_default=False)],
    *,
    force: Force = False,
    json: Json = False,
) -> None:
    """Check a file and copy it as it is at this moment, entities and request ledger, while a runtime works on it or not."""
    with refusals():
        _check_target(target, force=force)
        with StateFile(file) as state:
            with progress_bar("checking") as progress:
                state.check_states(progress)
            with progress_bar("copying") as progress:
                state.back_up(target, progress)
    size = target.stat().st_size
    _report({"target": str(target), "bytes": size, "commit": state.number}, f"copied {size} bytes to {target}", json=json, to_stderr=False)


def _report(fields: dict[str, Any], text: str, *, json: bool, to_stderr: bool) -> None:
    if json:
        print_json(fields, to_stderr=to_stderr)
    else:
        typer.echo(text, err=to_stderr)


def _key(text: str) -> bytes:
    """Return the encoded key that a text names."""
    value = json_or_text(text)
    if value is None or type(value) is float:
        value = text
    try:
        return key_from_json(value)
    except MalformedBytes as error:
        raise ConfigurationError(f"SF540: {text} is no key; write it as the list of keys shows it ({error})") from error


def _prefix(text: str) -> object:
    # Text is the usual case: 17 means the keys that begin with these two digits.
    return read_key(_key(text)) if text.startswith(("[", "{", '"')) else text


def _with_hint(error: EntityNotFound, state: StateFile, stored: str, text: str) -> EntityNotFound:
    """Say so where the key exists as text."""
    try:
        state.get(stored, text)
    except EntityNotFound:
        return error
    error.add_note(f"there is {error.class_name}({text!r}), whose key is text; write it as {text_of_key(text)!r}")
    return error


def _check_target(target: Path, *, force: bool) -> None:
    if target.exists() and not force:
        raise ConfigurationError(f"SF540: {target} exists already; name another file, or say --force")
    if not target.parent.is_dir():
        raise ConfigurationError(f"SF540: there is no folder {target.parent}; make it first")


@contextmanager
def _output(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """Give where to write. A file has its name only when it is complete."""
    if path == _STANDARD:
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    _check_target(path, force=force)
    unfinished = path.with_name(path.name + "-unfinished")
    try:
        with unfinished.open("wb") as out:
            yield out
        unfinished.replace(path)
    except OSError as error:
        raise ConfigurationError(f"SF540: {path} cannot be written ({error.strerror})") from error
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _input(path: Path) -> Iterator[Iterable[bytes]]:
    if path == _STANDARD:
        yield sys.stdin.buffer
        return
    try:
        source = path.open("rb")
    except OSError as error:
        raise ConfigurationError(f"SF540: {path} cannot be read ({error.strerror})") from error
    with source:
        yield source
