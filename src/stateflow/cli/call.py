"""The command `stateflow call`: one request, on a database file or to a server, from the command line."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import msgspec
import typer

import stateflow
from stateflow.cli.arguments import Words
from stateflow.cli.modules import find_class, load_classes
from stateflow.cli.options import Json, Module
from stateflow.cli.printing import print_json
from stateflow.cli.refusals import ERRORS_EXIT, refusals
from stateflow.cli.remote import RemoteError, send_call, send_create
from stateflow.client.members import check_method
from stateflow.errors import ConfigurationError, StateflowError
from stateflow.references import Reference
from stateflow.runtime.local import LocalRuntime

if TYPE_CHECKING:
    from stateflow.cli.arguments import Arguments
    from stateflow.client.base import StateflowClient

__all__ = ["call"]

Class = Annotated[str, typer.Argument(metavar="CLASS", help="The name of an entity class.", show_default=False)]
Given = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="KEY METHOD [ARGUMENT]...",
        help="An entity's key, a method, and what it takes: text, Class:key, JSON, or name=value. With --create: the arguments alone.",
        show_default=False,
    ),
]
Url = Annotated[str | None, typer.Option(help="Where `stateflow serve` listens, such as localhost:8000.", show_default=False)]


def call(
    module: Module,
    class_name: Class,
    given: Given = None,
    *,
    path: Annotated[Path | None, typer.Option(help="The database file.", show_default=False)] = None,
    url: Url = None,
    create: Annotated[bool, typer.Option("--create", help="Create an entity instead of calling a method.")] = False,
    json: Json = False,
) -> None:
    """Call a method of an entity and print what it returns; exit with 1 when it raises."""
    words = list(given or ())
    with refusals():
        _check(path, url, words, is_creation=create)
        flow = stateflow.init(*load_classes(module))
        cls = find_class(flow.classes, class_name)
        with LocalRuntime(flow, path=path) as runtime, runtime.client(bind=False) as client:
            try:
                value = _create(client, cls, words, url) if create else _call(client, cls, words, url)
            except ConfigurationError:
                raise
            except Exception as error:
                _report_error(error, json=json)
    _report(value, json=json)


def _check(path: Path | None, url: str | None, words: list[str], *, is_creation: bool) -> None:
    if (path is None) == (url is None):
        raise ConfigurationError("SF540: say where the entities are: either --path and a database file, or --url and a server")
    if not is_creation and len(words) < 2:
        raise ConfigurationError("SF540: name the key of an entity and a method, such as: User ann buy_item 2 Item:tea")
    if not is_creation and path is not None and not path.is_file():
        raise ConfigurationError(f"SF540: there is no file {path}; --create makes it")
    for word in words:
        if word.startswith("--"):
            raise ConfigurationError(f"SF540: there is no option {word}; write a text that begins so as name={word}")


def _create(client: StateflowClient, cls: type, words: list[str], url: str | None) -> Any:
    arguments = Words(client).arguments(cls.__init__, words, skips=1)  # type: ignore[misc]
    if url is not None:
        return send_create(url, cls, arguments)
    return client.create(cls, *arguments.args, **arguments.kwargs).get()


def _call(client: StateflowClient, cls: type, words: list[str], url: str | None) -> Any:
    key, name, arguments = _read(client, cls, words)
    if url is not None:
        return send_call(url, cls, key, name, arguments)
    return client.call(client.ref(cls, key), name, *arguments.args, **arguments.kwargs).get()


def _read(client: StateflowClient, cls: type, words: list[str]) -> tuple[object, str, Arguments]:
    reader = Words(client)
    text, name, *rest = words
    try:
        check_method(client.flow, cls, name)
    except AttributeError as error:
        raise ConfigurationError(f"SF540: {error}") from error
    member = client.flow.member(cls, name)
    function: Any = member.function or inspect.getattr_static(cls, name)
    return reader.key(cls, text), name, reader.arguments(function, rest, skips=0 if member.is_static else 1)


def _report_error(error: Exception, *, json: bool) -> NoReturn:
    text = str(error) if isinstance(error, StateflowError | RemoteError) else f"{type(error).__name__}: {error}"
    if json:
        print_json({"error": type(error).__name__, "message": str(error)})
    else:
        typer.echo(text, err=True)
    raise typer.Exit(ERRORS_EXIT) from None


def _report(value: Any, *, json: bool) -> None:
    plain = _plain(value)
    if json:
        print_json({"result": plain})
    elif value is not None:
        typer.echo(plain if type(plain) is str else msgspec.json.encode(plain).decode())


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it: entities as they are given, what has no such form as its text or its type's name."""
    try:
        return msgspec.json.decode(msgspec.json.encode(value, enc_hook=_encode))
    except Exception:
        return {"type": type(value).__name__}


def _encode(value: Any) -> Any:
    if issubclass(type(value), Reference):
        key = value._sf_key
        return f"{value._sf_class.__name__}:{key if type(key) is str else msgspec.json.encode(key).decode()}"
    return repr(value)
