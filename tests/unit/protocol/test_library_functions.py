"""Bytes name only those functions of libraries that some method names."""

from __future__ import annotations

import os.path
import shutil
import textwrap

import pytest

from stateflow.errors import MalformedBytes, UnstorableValue
from stateflow.protocol.library_functions import LibraryFunctions
from stateflow.protocol.values import ValueCodec, ValueTypes

NAMES = frozenset({"textwrap:shorten", f"{os.path.join.__module__}:join"})


def test_function_that_a_method_names_is_the_same_after_bytes() -> None:
    codec = ValueCodec(ValueTypes(NAMES))
    shorten, join = codec.decode(codec.encode([textwrap.shorten, os.path.join], "value"))
    assert shorten is textwrap.shorten
    assert join is os.path.join


def test_function_that_no_method_names_is_refused_in_both_directions() -> None:
    with pytest.raises(UnstorableValue, match="rmtree"):
        ValueCodec(ValueTypes(NAMES)).encode(shutil.rmtree, "value")
    written = ValueCodec(ValueTypes(frozenset({"shutil:rmtree"}))).encode(shutil.rmtree, "value")
    with pytest.raises(MalformedBytes, match="shutil:rmtree"):
        ValueCodec(ValueTypes(NAMES)).decode(written)


@pytest.mark.parametrize("name", ["shutil:rmtree", "textwrap:shorten.__globals__", 3, None, ["textwrap:shorten"]])
def test_name_from_elsewhere_finds_nothing(name: object) -> None:
    with pytest.raises(MalformedBytes, match="SF511"):
        LibraryFunctions(NAMES).find(name)


def test_function_whose_name_leads_to_another_is_not_named() -> None:
    def shorten() -> None: ...

    shorten.__module__, shorten.__qualname__ = "textwrap", "shorten"
    assert LibraryFunctions(NAMES).name_of(shorten) is None  # type: ignore[arg-type]
