"""Finding the user's module and its entity classes."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from stateflow.compiler.diagnostics import displayed_path
from stateflow.compiler.user_code import is_user_code
from stateflow.entity import decorated_classes, is_entity
from stateflow.errors import CompileError, ConfigurationError

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["Target", "find_class", "load_classes", "split_target"]


class Target(NamedTuple):
    """What `explain` is asked for: a module, and a class and method in it."""

    module: str
    class_name: str
    method: str


def split_target(text: str) -> Target:
    """Split `MODULE:Class.method`.

    Raises:
        ConfigurationError: the text has another form.
    """
    module, colon, member = text.rpartition(":")
    class_name, dot, method = member.rpartition(".")
    if not (colon and dot and module and class_name and method):
        raise ConfigurationError(f"SF540: {text!r} does not name a method; write MODULE:Class.method, such as shop:User.buy_item")
    return Target(module, class_name, method)


def load_classes(name: str) -> tuple[type, ...]:
    """Import a module and return the entity classes that it defines or uses.

    Args:
        name: a dotted module name, looked up from the current folder too, or the path of a Python file.

    Raises:
        ConfigurationError: there is no such module, importing it failed, or it has no entity class.
        CompileError: the module compiles its classes when it is imported, and they have errors.
    """
    known = set(decorated_classes())
    module = _import(name)
    new = [cls for cls in decorated_classes() if cls not in known]
    named = [value for value in vars(module).values() if isinstance(value, type) and is_entity(value)]
    classes = tuple(dict.fromkeys([*new, *named]))
    if not classes:
        raise ConfigurationError(f"SF540: {name} has no entity class; decorate its classes with @stateflow.entity")
    return classes


def find_class(classes: tuple[type, ...], name: str) -> type:
    """Return the entity class of this name.

    Raises:
        ConfigurationError: there is none.
    """
    for cls in classes:
        if name in (cls.__qualname__, cls.__name__):
            return cls
    names = sorted(cls.__qualname__ for cls in classes)
    near = difflib.get_close_matches(name, names, 1)
    advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
    raise ConfigurationError(f"SF540: there is no entity class {name!r}; {advice}")


def _import(name: str) -> ModuleType:
    try:
        if name.endswith(".py") or os.sep in name:
            return _import_file(Path(name))
        _search(Path.cwd())
        return importlib.import_module(name)
    except (CompileError, ConfigurationError):
        raise
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            raise ConfigurationError(f"SF540: there is no module {name!r} here; give a dotted name or the path of a .py file") from error
        raise ConfigurationError(_failure(name, error)) from error
    except (Exception, SystemExit) as error:
        raise ConfigurationError(_failure(name, error)) from error


def _import_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise ConfigurationError(f"SF540: there is no file {path}")
    path = path.resolve()
    if (path.parent / "__init__.py").is_file():
        return _import_member(path)
    loaded = sys.modules.get(path.stem)
    if loaded is not None:
        if getattr(loaded, "__file__", None) == str(path):
            return loaded
        raise ConfigurationError(f"SF540: the file {path.name} has the name of another module, {path.stem}; rename it")
    _search(path.parent)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ConfigurationError(f"SF540: {path} is not a Python file; its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[path.stem]
        raise
    return module


def _import_member(path: Path) -> ModuleType:
    """Import a file of a package by its dotted name, so that its relative imports work."""
    names, folder = [path.stem], path.parent
    while (folder / "__init__.py").is_file():
        names.insert(0, folder.name)
        folder = folder.parent
    _search(folder)
    return importlib.import_module(".".join(names))


def _search(folder: Path) -> None:
    """Let imports find what lies in a folder, as they do when `python` runs a file there."""
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _failure(name: str, error: BaseException) -> str:
    """Return what went wrong, with the last line of the user's own that was reached."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if is_user_code(frame.filename)]
    if isinstance(error, SyntaxError) and error.filename:
        place = f" at {displayed_path(error.filename)}:{error.lineno}"
    else:
        place = f" at {displayed_path(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"SF540: importing {name} failed{place}: {type(error).__name__}: {text}"
