"""The user's classes in a worker of Flink: imported by their names, compiled, and compared with what was submitted."""

from __future__ import annotations

import hashlib
import importlib
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import stateflow
from stateflow.core import driver
from stateflow.errors import ConfigurationError
from stateflow.runtime.flink.freshness import importing
from stateflow.runtime.flink.keys import HASH_SEED

if TYPE_CHECKING:
    from stateflow.dataflow import Dataflow

__all__ = ["SUBMITTER", "SubmittedClass", "Submitter", "check_worker", "digest_of", "load_classes", "submitted_classes"]


log: Final = logging.getLogger("stateflow.flink")


class Submitter(NamedTuple):
    """What ran the program that submitted a job: the version of Python, and the version of StateFlow with a digest of its files.

    The digest is of the sources, which a compiled core brings along: what it answers, keeps and sends are the same bytes, so workers of
    either form may replay what one of the other has begun.
    """

    python: str
    version: str
    package: str
    is_compiled: bool


def digest_of(package: Path) -> str:
    """Return a digest of the names and texts of all modules of a package."""
    found = hashlib.sha256()
    for file in sorted(package.rglob("*.py")):
        found.update(f"{file.relative_to(package).as_posix()}\0".encode())
        found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


# Read when this module is: a worker goes on with what it has imported, whatever the files become.
SUBMITTER: Final = Submitter(
    f"{sys.version_info.major}.{sys.version_info.minor}",
    stateflow.__version__,
    digest_of(Path(stateflow.__file__).parent),
    is_compiled=not driver.__file__.endswith(".py"),
)
"""What runs this program."""


class SubmittedClass(NamedTuple):
    """An entity class as a job names it to its workers: where it is imported from, and a digest of the source of its methods."""

    module: str
    qualname: str
    code: str


def submitted_classes(flow: Dataflow) -> tuple[SubmittedClass, ...]:
    """Return how a job names the classes of a dataflow."""
    return tuple(SubmittedClass(cls.__module__, cls.__qualname__, flow.schema(cls).version.code) for cls in flow.classes)


def check_worker(submitter: Submitter) -> None:
    """Refuse a worker in which a replay could see something else.

    Args:
        submitter: what ran the program that submitted the job.

    Raises:
        ConfigurationError: it has another Python, another StateFlow, or no fixed order of sets.
    """
    if submitter.python != SUBMITTER.python:
        raise ConfigurationError(
            f"SF540: this worker runs Python {SUBMITTER.python}, and the job was submitted by Python {submitter.python}; "
            "let both have the same"
        )
    if submitter.package != SUBMITTER.package:
        raise ConfigurationError(
            f"SF540: this worker runs another StateFlow ({SUBMITTER.version}) than the one that submitted the job ({submitter.version}): "
            "install the same one for both, and restart the TaskManagers, as each keeps what it had imported first"
        )
    if submitter.is_compiled and not SUBMITTER.is_compiled:
        log.warning(
            "the program that submitted the job has the compiled core, and this worker runs it in Python, which is slower: install the "
            "compiled one for it too, and restart the TaskManager, which keeps what it had imported first"
        )
    seed = os.environ.get("PYTHONHASHSEED")
    if seed != HASH_SEED:
        raise ConfigurationError(
            f"SF540: PYTHONHASHSEED is {seed!r} in this worker, and has to be '0', so that a replay "
            "sees sets in the same order: set it in the environment of the TaskManagers"
        )


def load_classes(classes: tuple[SubmittedClass, ...]) -> Dataflow:
    """Return the dataflow of the classes of a job.

    Raises:
        ConfigurationError: a module cannot be imported here, or its class is not the one that was submitted.
        CompileError: a class cannot be compiled here.
    """
    with importing({known.module for known in classes}):
        flow = stateflow.init(*(_load(known.module, known.qualname) for known in classes))
        for cls, known in zip(flow.classes, classes, strict=True):
            if flow.schema(cls).version.code != known.code:
                file = getattr(sys.modules[known.module], "__file__", known.module)
                raise ConfigurationError(
                    f"SF540: {known.qualname} in this worker is not the class that was submitted: {file} has other methods. Bring the "
                    "same files to all TaskManagers; code takes over from other code by `stateflow flink upgrade` only"
                )
    return flow


def _load(module_name: str, qualname: str) -> type:
    try:
        found: Any = importlib.import_module(module_name)
    except ImportError as error:
        folders = ", ".join(dict.fromkeys(filter(None, sys.path)))
        raise ConfigurationError(
            f"SF540: this worker cannot import {module_name}: {error}; name the folder that has it by FlinkOptions(python_path=...), "
            f"or by python.pythonpath in Flink's settings. The worker looks in {folders}"
        ) from error
    try:
        for part in qualname.split("."):
            found = vars(found)[part]
    except KeyError:
        raise ConfigurationError(
            f"SF540: {module_name} has no class {qualname} in this worker; its file there is not the one that was submitted"
        ) from None
    cls: type = found
    return cls
