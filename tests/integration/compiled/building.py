"""The package with the compiled core, in a folder from which Python imports it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

__all__ = ["BUILD_DEADLINE_S", "ROOT", "needs_compiler", "unpacked"]

ROOT = Path(__file__).parents[3]
BUILD_DEADLINE_S = 300
_COMPILERS = ("cc", "gcc", "clang")

needs_compiler = pytest.mark.skipif(not any(map(shutil.which, _COMPILERS)), reason="compiling the core takes a C compiler")


def unpacked(folder: Path) -> Path:
    """Compile the package as `make compiled` does, and install it into a folder; return where it is imported from."""
    wheels, package = folder / "wheels", folder / "package"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    build = [*pip, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", wheels, ROOT]
    built = subprocess.run(
        build, env={**os.environ, "STATEFLOW_COMPILED": "1"}, capture_output=True, text=True, timeout=BUILD_DEADLINE_S, check=False
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = wheels.glob("*.whl")
    assert "none-any" not in wheel.name
    install = [*pip, "install", "--quiet", "--no-deps", "--target", package, wheel]
    installed = subprocess.run(install, capture_output=True, text=True, timeout=BUILD_DEADLINE_S, check=False)
    assert installed.returncode == 0, installed.stderr
    return package
