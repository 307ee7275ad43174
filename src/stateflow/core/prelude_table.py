"""Which of Python's own functions have a compiled form in the prelude."""

from __future__ import annotations

import functools
import types
from collections import Counter
from typing import Any

from stateflow.core import (
    prelude,
    prelude_containers,
    prelude_conversions,
    prelude_dataclasses,
    prelude_operators,
    prelude_sorting,
    prelude_text,
)

__all__ = ["ALWAYS", "BY_NAME", "CLASSES", "FUNCTIONS", "GENERATOR_METHODS", "METHODS", "function", "name_of"]

FUNCTIONS: dict[Any, str] = {
    sorted: "sorted_", min: "min_", max: "max_", sum: "sum_", any: "any_", all: "all_", iter: "iter_", next: "next_",
    len: "len_", repr: "repr_", ascii: "ascii_",
    format: "format_", print: "print_", hash: "hash_", abs: "abs_", round: "round_", divmod: "divmod_", pow: "pow_", getattr: "getattr_",
    hasattr: "hasattr_", setattr: "setattr_", delattr: "delattr_", functools.reduce: "reduce_",
    chr: "chr_", hex: "hex_", oct: "oct_", bin: "bin_", vars: "vars_", dir: "dir_",
}  # fmt: skip
CLASSES: dict[type, str] = {
    list: "list_", tuple: "tuple_", set: "set_", frozenset: "frozenset_", dict: "dict_", map: "map_", filter: "filter_", zip: "zip_",
    enumerate: "enumerate_", range: "range_", reversed: "reversed_", str: "str_", bool: "bool_", int: "int_", float: "float_",
    complex: "complex_", bytes: "bytes_", bytearray: "bytearray_",
}  # fmt: skip
METHODS: dict[Any, str] = {Counter.update: "count_each"}
"""Methods of Python's own classes that are functions of the standard library."""
GENERATOR_METHODS = {"send": "generator_send", "throw": "generator_throw", "close": "generator_close", "__next__": "next_"}
ALWAYS = frozenset({"gather"})
BY_NAME: dict[str, types.FunctionType] = {
    name: value
    for module in (prelude, prelude_operators, prelude_conversions, prelude_containers, prelude_dataclasses, prelude_sorting, prelude_text)
    for name, value in vars(module).items()
    if isinstance(value, types.FunctionType) and value.__module__ == module.__name__
}


def name_of(called: Any) -> str | None:
    """Return the name in the prelude of one of Python's own functions; None for all others."""
    if getattr(called, "__module__", None) == "asyncio.tasks" and called.__name__ == "gather":
        return "gather"
    return FUNCTIONS.get(called)


def function(name: str) -> types.FunctionType:
    """Return a function of the prelude."""
    return BY_NAME[name]

