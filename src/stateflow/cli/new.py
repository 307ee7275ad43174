"""The command `stateflow new`: a project to start from, with entities and a test."""

from __future__ import annotations

import keyword
import sys
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import Annotated, Final

import typer

from stateflow.cli.options import Json
from stateflow.cli.printing import print_json
from stateflow.cli.refusals import refusals
from stateflow.errors import ConfigurationError

__all__ = ["new"]

_FILES: Final = {
    "module.py.txt": "${name}.py",
    "test_module.py.txt": "test_${name}.py",
    "pyproject.toml.txt": "pyproject.toml",
    "README.md.txt": "README.md",
    "gitignore.txt": ".gitignore",
}
"""The files of the package that a project is made of, with their names in it."""

Name = Annotated[str, typer.Argument(metavar="NAME", help="The project: a new folder, and the module in it.", show_default=False)]


def new(name: Name, *, json: Json = False) -> None:
    """Make a project to start from: entities, a test, pyproject.toml and a README with the next commands."""
    with refusals():
        _check(name)
        folder = Path(name)
        files = _write(folder, name)
    if json:
        print_json({"folder": str(folder), "files": files})
        return
    typer.echo(f"made {folder} with {', '.join(files)}")
    # Another environment's pytest would find no StateFlow.
    test = "pytest" if find_spec("pytest") else 'pip install -e ".[test]"; pytest'
    typer.echo(f"next: cd {folder}; {test}; stateflow check {name}.py; stateflow serve {name}.py --path {name}.db")


def _check(name: str) -> None:
    """Refuse a name that cannot be imported, or that would hide another module."""
    if not (name.isascii() and name.isidentifier()) or keyword.iskeyword(name) or name.startswith("_"):
        raise ConfigurationError(f"SF540: {name!r} is no name of a module; use letters, digits and underscores, such as shop")
    if name in sys.stdlib_module_names or (find_spec(name) is not None and not Path(name).is_dir()):
        raise ConfigurationError(f"SF540: a module {name} is installed already, which the project would hide; take another name")
    if Path(name).exists():
        raise ConfigurationError(f"SF540: {name} exists already; take another name, or remove it first")


def _write(folder: Path, name: str) -> list[str]:
    starter = resources.files("stateflow.cli") / "starter"
    made = []
    try:
        folder.mkdir()
        for source, target in _FILES.items():
            file = folder / Template(target).substitute(name=name)
            file.write_text(Template((starter / source).read_text(encoding="utf-8")).substitute(name=name), encoding="utf-8")
            made.append(file.name)
    except OSError as error:
        raise ConfigurationError(f"SF540: {folder} cannot be written ({error.strerror})") from error
    return made
