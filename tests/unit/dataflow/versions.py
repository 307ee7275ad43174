"""Several versions of one module, as a project has them over time."""

from __future__ import annotations

import itertools
import linecache
import sys
import textwrap
import types
from typing import TYPE_CHECKING

import stateflow
from stateflow.entity import is_entity

if TYPE_CHECKING:
    from stateflow.dataflow import Dataflow

__all__ = ["flow_of"]

_numbers = itertools.count(1)


def flow_of(source: str, module_name: str = "shop_versions") -> Dataflow:
    """Compile the entity classes of a module's text; each text is a file of its own, all are one module."""
    filename = f"<version {next(_numbers)}>/{module_name}.py"
    text = "import stateflow\n" + textwrap.dedent(source)
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    module = types.ModuleType(module_name)
    module.__file__ = filename
    sys.modules[module_name] = module
    exec(compile(text, filename, "exec", dont_inherit=True), vars(module))
    flow = stateflow.init(*[v for v in vars(module).values() if isinstance(v, type) and is_entity(v)])
    for cls in flow.classes:
        flow.schema(cls)
    return flow
