"""The settings of Flink that a job of StateFlow needs, and what its workers need of the user's code."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from stateflow.development.jars import fetch_jars
from stateflow.errors import ConfigurationError
from stateflow.runtime.flink.keys import HASH_SEED, MAX_PARALLELISM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stateflow.options import FlinkOptions

__all__ = ["check_importable", "job_settings"]


def job_settings(options: FlinkOptions, modules: Iterable[str]) -> dict[str, str]:
    """Return the settings of a job; those of the options go first.

    Args:
        options: parallelism, checkpoints, folders, and the user's own settings.
        modules: names of the modules that hold the classes; they are imported here.
    """
    packages = sysconfig.get_paths()["purelib"]
    jars = sorted(fetch_jars("flink").glob("*.jar"))
    return {
        "python.execution-mode": "thread",
        "python.executable": sys.executable,
        "python.client.executable": sys.executable,
        "python.pythonpath": ":".join([*_python_path(options, modules), packages]),
        "pipeline.jars": ";".join(jar.as_uri() for jar in jars),
        "parallelism.default": str(options.parallelism),
        "pipeline.max-parallelism": str(MAX_PARALLELISM),
        "pipeline.object-reuse": "true",
        # The default gathers records for 100 ms before it passes them on.
        "execution.buffer-timeout.interval": "0 ms",
        "execution.checkpointing.interval": f"{options.checkpoint_interval_ms} ms",
        "execution.checkpointing.mode": "AT_LEAST_ONCE",
        # On the heap, a checkpoint copies all that places keep, and a restart reads it item by item: both take longer with every reply
        # that is kept. RocksDB saves what changed, and opens files.
        "state.backend.type": "rocksdb",
        "execution.checkpointing.incremental": "true",
        # Each request is looked for among those that were answered, and most are not there.
        "state.backend.rocksdb.use-bloom-filter": "true",
        # What a job that is given up leaves behind: the state from which it can be resumed.
        "execution.checkpointing.externalized-checkpoint-retention": "DELETE_ON_CANCELLATION",
        # For clusters that make containers of their own; others set it in the environment of the TaskManagers.
        "containerized.taskmanager.env.PYTHONHASHSEED": HASH_SEED,
        **_restarts(options.restarts),
        **options.settings,
    }


def _restarts(attempts: int) -> dict[str, str]:
    prefix = "restart-strategy.exponential-delay"
    return {
        "restart-strategy.type": "exponential-delay",
        f"{prefix}.initial-backoff": "200 ms",
        f"{prefix}.max-backoff": "10 s",
        # A job that has run for so long got further than its start: what fails then is counted anew.
        f"{prefix}.reset-backoff-threshold": "1 min",
        f"{prefix}.attempts-before-reset-backoff": str(attempts),
    }


def _python_path(options: FlinkOptions, modules: Iterable[str]) -> list[str]:
    """Return the folders from which the classes' modules, and this package, are imported."""
    imported = [sys.modules[name] for name in (*modules, "stateflow")]
    folders = [_root_of(module.__name__, module.__file__ or "") for module in imported]
    return list(dict.fromkeys([*options.python_path, *folders]))


def _root_of(name: str, file: str) -> str:
    """Return the folder from which a module of this name and file was imported."""
    path = Path(file).resolve()
    depth = name.count(".") + (path.name == "__init__.py")
    return str(path.parents[depth])


def check_importable(cls: type) -> None:
    """Refuse a class that workers could not import by its name.

    Raises:
        ConfigurationError: workers cannot import it.
    """
    if cls.__module__ == "__main__" or "<locals>" in cls.__qualname__:
        where = "the program that is run" if cls.__module__ == "__main__" else "a function"
        raise ConfigurationError(
            f"SF540: {cls.__qualname__} is defined in {where}, which Flink's workers cannot import: "
            "move it to a module, such as demo_common.py"
        )
