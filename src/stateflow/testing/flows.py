"""Which entity classes a test means."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

from stateflow.dataflow import Dataflow
from stateflow.entity import is_entity
from stateflow.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

__all__ = ["classes_of_module", "compiled", "flow_of_targets"]

# Compiling takes milliseconds, a suite has thousands of tests, and a dataflow never changes.
_compiled: dict[tuple[type, ...], Dataflow] = {}


def compiled(classes: Iterable[type]) -> Dataflow:
    """Return the dataflow of these classes; each set of classes is compiled once in a process.

    Raises:
        CompileError: the classes have errors.
    """
    named = tuple(dict.fromkeys(classes))
    flow = _compiled.get(named)
    if flow is None:
        import stateflow

        flow = _compiled[named] = stateflow.init(*named)
    return flow


def classes_of_module(module: ModuleType) -> list[type]:
    """Return the entity classes that a test module names, and those of the modules that define them.

    The latter because classes that call each other are mostly written together, while a test imports the one that it calls.
    """
    named = _entity_classes(module)
    homes = dict.fromkeys(cls.__module__ for cls in named)
    return list(dict.fromkeys([*named, *(cls for home in homes for cls in _entity_classes(sys.modules[home]))]))


def flow_of_targets(targets: list[str]) -> Dataflow:
    """Return the dataflow that the setting `stateflow_flow` names.

    Args:
        targets: each a module, whose entity classes are meant, or `module:Name` of an entity class or of a `Dataflow`, which then
            stands alone.

    Raises:
        ConfigurationError: there is no such module or name, or it is neither of these.
        CompileError: the classes have errors.
    """
    found: list[type] = []
    for target in targets:
        meant = _resolve(target)
        if isinstance(meant, Dataflow):
            if len(targets) > 1:
                raise ConfigurationError(f"SF540: stateflow_flow names the dataflow {target} and other things; name it alone")
            return meant
        found += meant
    return compiled(found)


def _resolve(target: str) -> Dataflow | list[type]:
    module_name, colon, name = target.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise
        raise ConfigurationError(f"SF540: stateflow_flow names {target!r}, but there is no module {module_name!r}") from None
    if not colon:
        classes = _entity_classes(module)
        if not classes:
            raise ConfigurationError(f"SF540: stateflow_flow names the module {module_name!r}, which has no entity class")
        return classes
    meant = vars(module).get(name)
    if isinstance(meant, Dataflow):
        return meant
    if isinstance(meant, type) and is_entity(meant):
        return [meant]
    raise ConfigurationError(f"SF540: stateflow_flow names {target!r}, which is neither an entity class nor a dataflow")


def _entity_classes(module: ModuleType) -> list[type]:
    return [value for value in vars(module).values() if isinstance(value, type) and is_entity(value)]
