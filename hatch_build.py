"""Compile the hot part of the package by mypyc when a wheel is built and STATEFLOW_COMPILED is set; otherwise the wheel is pure Python.

Modules that define msgspec structs, metaclasses or dynamic classes stay as they are: mypyc does not keep what these need.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SWITCH = "STATEFLOW_COMPILED"
BUILD_REQUIRES = {"mypy": "mypy[mypyc]", "setuptools": "setuptools", "msgspec": "msgspec"}
"""What compiling needs, by the name under which `constraints.txt` has its version."""
COMPILED = tuple(
    f"stateflow/{name}.py"
    for name in """
    core/answered core/answers core/boundaries core/cache core/calls core/class_versions core/conflicts core/containment core/context
    core/creation core/domains core/driver core/ending core/entities core/entity_codec core/entity_record core/entry core/executor
    core/fetching core/flat_contexts core/frame core/journal core/links core/locks core/machine core/moving core/operations core/parking
    core/named core/partitioning core/place core/place_state core/placed core/placement core/records core/request_digests core/root
    core/roots core/runtime_codec core/sections core/state core/store core/stored_states core/transaction protocol/atoms protocol/copying
    protocol/flat_arguments protocol/graph protocol/keys protocol/states protocol/trees protocol/values runtime/local/database
    runtime/local/engine runtime/local/schema runtime/local/statements
    """.split()
)


class CompiledCore(BuildHookInterface):
    """Adds the compiled modules to a wheel. The sources go along: Python takes the compiled form of a module first."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return what compiling needs, apart from a C compiler."""
        return pinned(Path(self.root)) if os.environ.get(SWITCH) else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and say that the wheel is of one Python and one machine."""
        if version == "editable" or not os.environ.get(SWITCH):
            return
        libraries = compile_modules(Path(self.root))
        build_data["pure_python"], build_data["infer_tag"] = False, True
        for library, name in libraries.items():
            build_data["force_include"][str(library)] = name


def pinned(root: Path) -> list[str]:
    """Return what compiling needs, in the versions that the project is tested with."""
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    versions = dict(line.split("==", 1) for line in lines if "==" in line)
    return [f"{wanted}=={versions[name]}" for name, wanted in BUILD_REQUIRES.items()]


def compile_modules(root: Path) -> dict[Path, str]:
    """Compile the modules; return the libraries, each with its path in the wheel.

    Args:
        root: the folder of the project; what is made goes into its `build/mypyc`.
    """
    from mypyc.build import mypycify
    from setuptools import Distribution

    made, libraries = root / "build" / "mypyc", root / "build" / "mypyc" / "lib"
    # From here names of files, which tracebacks show, are the same on every machine.
    with contextlib.chdir(root / "src"):
        options = ["--config-file", str(root / "pyproject.toml"), "--cache-dir", str(made / "cache"), *COMPILED]
        extensions = mypycify(
            options, opt_level="3", debug_level="0", multi_file=True, group_name="stateflow_core", target_dir=str(made / "c")
        )
        command = Distribution({"name": "stateflow", "ext_modules": extensions}).get_command_obj("build_ext")
        command.build_lib, command.build_temp, command.parallel = str(libraries), str(made / "objects"), os.cpu_count()
        command.ensure_finalized()
        command.run()
        paths = [Path(path) for path in command.get_outputs()]
    return {path: path.relative_to(libraries).as_posix() for path in paths}
