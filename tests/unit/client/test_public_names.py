"""What `import stateflow` gives, and what it costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import stateflow
from stateflow import errors


@pytest.mark.parametrize("name", stateflow.__all__)
def test_each_public_name_is_there_and_listed(name: str) -> None:
    assert getattr(stateflow, name) is not None
    assert name in dir(stateflow)


def test_every_exception_is_public() -> None:
    assert [name for name in errors.__all__ if getattr(stateflow, name) is not getattr(errors, name)] == []


def test_both_spellings_of_the_decorator_are_one() -> None:
    assert stateflow.stateflow is stateflow.entity


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'stateflow' has no attribute 'sateflow'"):
        _ = stateflow.sateflow  # type: ignore[attr-defined]


@pytest.mark.process
def test_importing_the_package_loads_neither_compiler_nor_asyncio() -> None:
    code = "import stateflow, sys; print(*[n for n in ('asyncio', 'msgspec', 'ast', 'stateflow.compiler') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == []
