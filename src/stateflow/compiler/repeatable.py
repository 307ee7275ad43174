"""Calls whose answer a replay could not give again; the runtime gives it from the request instead."""

from __future__ import annotations

import ast
import datetime
import random
import secrets
import time
import uuid
from typing import TYPE_CHECKING

from stateflow.compiler.types import resolve_value

if TYPE_CHECKING:
    from stateflow.compiler.analysis.inference import Inference
    from stateflow.compiler.unit import FunctionUnit

__all__ = ["REPLACED", "is_not_repeatable", "replacement"]

_MODULE_FUNCTIONS = {
    time: "time time_ns monotonic monotonic_ns perf_counter perf_counter_ns localtime gmtime ctime strftime",
    random: "random randint randrange choice choices shuffle sample uniform gauss normalvariate expovariate betavariate triangular "
    "getrandbits randbytes seed getstate setstate lognormvariate vonmisesvariate gammavariate paretovariate weibullvariate",
    uuid: "uuid1 uuid4",
    secrets: "token_bytes token_hex token_urlsafe choice randbelow randbits",
}
# The function of each name in the environment of a request, such as `time_time`.
REPLACED: dict[tuple[int, str], str] = {
    (id(module), name): f"{module.__name__}_{name}" for module, names in _MODULE_FUNCTIONS.items() for name in names.split()
}
REPLACED |= {(id(datetime.datetime), n): f"datetime_{n}" for n in ("now", "utcnow", "today")}
REPLACED |= {(id(datetime.date), "today"): "date_today"}
_BY_FUNCTION = {
    id(getattr(module, name)): f"{module.__name__}_{name}" for module, names in _MODULE_FUNCTIONS.items() for name in names.split()
}


def replacement(function: ast.expr, names: object) -> str | None:
    """Return the name that the environment of a request has for a function such as `time.time`; None for all others.

    Args:
        function: the expression that is called.
        names: what answers `.get(name)` with the module's object of that name.
    """
    if isinstance(function, ast.Attribute):
        owner = resolve_value(function.value, names)  # type: ignore[arg-type]
        return REPLACED.get((id(owner), function.attr)) if owner is not None else None
    if isinstance(function, ast.Name):
        value = resolve_value(function, names)  # type: ignore[arg-type]
        return _BY_FUNCTION.get(id(value)) if callable(value) else None
    return None


def is_not_repeatable(node: ast.Call, unit: FunctionUnit, types: Inference) -> bool:
    """Tell whether a call is of the clock, random numbers or the like."""
    from stateflow.compiler.analysis.suspending_calls import Visible

    return replacement(node.func, Visible(unit)) is not None
