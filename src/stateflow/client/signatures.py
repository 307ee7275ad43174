"""What clients may call, by name: an engine notes it for its classes, and a client compares its own with that."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Final

from stateflow.dataflow.partition_text import partition_text
from stateflow.references import is_dunder

if TYPE_CHECKING:
    import types
    from collections.abc import Iterator, Mapping

    from stateflow.dataflow import Dataflow

__all__ = ["Signatures", "differences", "signatures_of"]

Signatures = dict[str, dict[str, str]]
"""The parameters of each method, by the names of class and method; under `__partition__` the text of that, nothing for a class without."""

_PARTITION: Final = "__partition__"


def signatures_of(flow: Dataflow, *, has_former_names: bool = False) -> Signatures:
    """Return the parameters of the methods that clients may call.

    Args:
        flow: the compiled classes.
        has_former_names: name them by their former names too, by which requests may still come.
    """
    found: Signatures = {}
    for cls in flow.classes:
        methods = dict(_methods(flow, cls))
        # Both sides compute where an entity lives, each for itself: a client with another one would ask where no entity of it is.
        place = {_PARTITION: partition_text(cls)}
        if has_former_names:
            former = {other: text for name, text in methods.items() for other in flow.names_of_method(cls, name)}
            methods = {**former, **methods, **place}
            found |= {name: methods for name in flow.names_of_class(cls) if name not in found}
        else:
            found[cls.__qualname__] = {**methods, **place}
    return {**found, **{cls.__qualname__: found[cls.__qualname__] for cls in flow.classes}}


def _methods(flow: Dataflow, cls: type) -> Iterator[tuple[str, str]]:
    for name in sorted({name for base in cls.__mro__[:-1] for name in vars(base)}):
        member = flow.member(cls, name)
        function = member.function
        # What the decorator adds, such as `by_key`, no client sends.
        if function is None or not member.is_method or function.__module__.startswith("stateflow."):
            continue
        if name == "__init__" or not is_dunder(name):
            yield name, _parameters(function, is_bound=not member.is_static)


def _parameters(function: types.FunctionType, *, is_bound: bool) -> str:
    """Return the parameters as text: names and kinds, and which may be left out; what they are left out for is the job's business."""
    signature = inspect.signature(function)
    parameters = list(signature.parameters.values())[is_bound:]
    plain = [each.replace(annotation=each.empty, default=each.empty if each.default is each.empty else ...) for each in parameters]
    return str(inspect.Signature(plain)).replace("Ellipsis", "...")


def differences(ours: Signatures, theirs: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """Return what a client could call that its engine does not have, has with other parameters, or looks for elsewhere, each as a text.

    Args:
        ours: of the client's classes.
        theirs: of the engine's, with former names.
    """
    found = []
    for class_name, methods in ours.items():
        known = theirs.get(class_name)
        if known is None:
            found.append(f"class {class_name} is not there")
            continue
        for name, parameters in methods.items():
            if name == _PARTITION:
                found += _elsewhere(class_name, parameters, known.get(name, parameters))
            elif name not in known:
                found.append(f"{class_name}.{name}{parameters} is not there")
            elif known[name] != parameters:
                found.append(f"{class_name}.{name}{parameters} is {name}{known[name]} there")
    return tuple(found)


def _elsewhere(class_name: str, ours: str, theirs: str) -> Iterator[str]:
    """Yield that entities of a class live elsewhere in the engine than where the client would ask for them.

    Args:
        class_name: the class.
        ours: the text of the client's `__partition__`.
        theirs: the engine's, or the client's where an engine of before has not noted it.
    """
    if ours != theirs:
        there = "another one there" if ours and theirs else "there, and not here" if theirs else "here, and not there"
        yield f"{class_name}.{_PARTITION} is {there}, so entities live elsewhere"
