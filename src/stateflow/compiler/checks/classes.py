"""SF103 to SF111, SF117 to SF119: the shape of an entity class as a whole."""

from __future__ import annotations

import abc
import ast
import collections
import dataclasses
from typing import TYPE_CHECKING, Any

from stateflow.compiler.diagnostics import displayed_path
from stateflow.compiler.program import unwrap
from stateflow.compiler.source import class_file, class_node
from stateflow.entity import _by_key

if TYPE_CHECKING:
    from stateflow.compiler.checks.context import Context
    from stateflow.compiler.checks.receivers import Receivers

__all__ = ["check_classes_shape", "check_hidden_methods"]

_NATIVE_MODULES = frozenset({"builtins", "enum", "_io", "threading", "_thread"})
_OTHER_NAME = "give it another name"
_COPIED = "an entity is stored and sent by what its attributes hold; this would not be called"
_HOOKS = {
    "__new__": ("SF105", "an entity is made when its state is loaded, without calling __new__", "do the work in __init__"),
    "__getattribute__": ("SF106", "every attribute read would run it, those of the runtime too", "use __getattr__ or properties"),
    "__del__": (
        "SF107",
        "the object may be dropped from memory at any time while the entity lives on",
        "do the work in a method that deletes the entity by stateflow.delete(self)",
    ),
} | dict.fromkeys(
    "__reduce__ __reduce_ex__ __getstate__ __setstate__ __getnewargs__ __getnewargs_ex__ __copy__ __deepcopy__ __replace__".split(),
    ("SF117", _COPIED, "keep what shall be stored in attributes; for a second entity, create one with another key"),
) | dict.fromkeys(
    "__get__ __set__ __delete__ __set_name__".split(),
    (
        "SF117",
        "Python calls it on an object in the body of a class; an entity lives elsewhere, under its key",
        "use a property that reads it",
    ),
)


def check_classes_shape(context: Context, receivers: Receivers) -> None:
    """Refuse entity classes that cannot be stored and loaded as objects of their class."""
    seen: dict[str, type] = {}
    for cls in context.entities:
        if cls.__name__ in seen:
            _report_twin(context, cls, seen[cls.__name__])
        seen.setdefault(cls.__name__, cls)
        if class_node(cls) is None:
            context.report_class(
                "SF103",
                cls,
                f"the source of `{cls.__name__}` is not known",
                why="the compiler works on source text; this class was made by exec, type() or in an interactive session",
                fix="define the class in a file, and import it",
            )
            continue
        _check_bases(context, cls)
        _check_metaclass(context, cls)
        _check_protocol(context, cls)
        _check_hooks(context, cls)
        _check_by_key(context, cls)
        _check_dataclass(context, cls)


def _report_twin(context: Context, cls: type, first: type) -> None:
    context.report_class(
        "SF110",
        cls,
        f"two entity classes are called `{cls.__name__}`",
        why=f"the other one is {first.__module__}.{first.__qualname__} ({place(first)}); the name addresses entities",
        fix="rename one, or name the classes of each dataflow: stateflow.init(A, B)",
    )


def place(cls: type) -> str:
    """Return where a class is defined, as in `shop.py:6`."""
    node = class_node(cls)
    return f"{displayed_path(class_file(cls))}:{node.lineno if node is not None else '?'}"


def _check_bases(context: Context, cls: type) -> None:
    for base in cls.__mro__:
        if (base.__module__ in _NATIVE_MODULES and base is not object) or base is collections.deque:
            context.report_class(
                "SF104",
                cls,
                f"`{cls.__name__}` derives from `{base.__name__}`",
                why=f"the state of an entity is what its attributes hold; what {base.__name__} holds is none of them",
                fix=f"keep the {base.__name__} in an attribute instead of deriving from it",
            )
            return


def _check_metaclass(context: Context, cls: type) -> None:
    meta = type(cls)
    if meta in (type, abc.ABCMeta) or meta.__module__ in ("typing", "enum"):
        return
    context.report_class(
        "SF108",
        cls,
        f"`{cls.__name__}` has the metaclass `{meta.__name__}`",
        why="a metaclass may change what calling the class and reading its attributes mean; type and ABCMeta are known",
        fix="use __init_subclass__ or a class decorator",
    )


def _check_protocol(context: Context, cls: type) -> None:
    if cls.__dict__.get("_is_protocol"):
        context.report_class(
            "SF118",
            cls,
            f"`{cls.__name__}` is a protocol",
            why="a protocol says what other classes look like, and has no objects of its own",
            fix="leave out Protocol, or decorate the classes that follow it; a protocol may stay their base, and annotate parameters",
        )


def _check_by_key(context: Context, cls: type) -> None:
    for base in cls.__mro__:
        own: Any = base.__dict__.get("by_key")
        if own is None or getattr(own, "__func__", None) is _by_key:
            continue
        unit = next((context.unit(f) for f, _ in unwrap(own)), None)
        message = f"`{base.__name__}` defines `by_key`"
        why = "Class.by_key(key) addresses an entity without creating it, for every entity class"
        if unit is not None:
            context.report("SF119", unit, _head(unit.node), message, why=why, fix=_OTHER_NAME)
        else:
            context.report_class("SF119", cls, message, why=why, fix=_OTHER_NAME)


def _check_hooks(context: Context, cls: type) -> None:
    for base in cls.__mro__:
        for name, (code, why, fix) in _HOOKS.items():
            function: Any = base.__dict__.get(name)
            unit = context.unit(getattr(function, "__func__", function))
            if unit is not None:
                context.report(code, unit, _head(unit.node), f"`{base.__name__}` defines `{name}`", why=why, fix=fix)


def _head(node: Any) -> ast.AST:
    """Return a node that covers `def name` only."""
    if isinstance(node, ast.Lambda):
        return node
    width = len("async def " if isinstance(node, ast.AsyncFunctionDef) else "def ") + len(node.name)
    return ast.Pass(lineno=node.lineno, col_offset=node.col_offset, end_lineno=node.lineno, end_col_offset=node.col_offset + width)


def _check_dataclass(context: Context, cls: type) -> None:
    options: Any = cls.__dict__.get("__dataclass_params__")
    if dataclasses.is_dataclass(cls) and options is not None and options.eq:
        context.report_class(
            "SF109",
            cls,
            f"`{cls.__name__}` is a dataclass that compares by value",
            why="two references are equal when they name one entity; comparing all fields would read the other entity, and drops the hash",
            fix="write @dataclass(eq=False)",
        )


def check_hidden_methods(context: Context, receivers: Receivers) -> None:
    """Refuse `self.name = ...` where `name` is a method: the method would be gone once it is stored."""
    bases = context.entity_bases()
    for unit in context.units:
        owner = unit.owner
        if owner is None or owner not in bases or unit.self_name is None:
            continue
        for node in unit.of(ast.Attribute):
            if isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name) and node.value.id == unit.self_name:
                hidden: Any = owner.__dict__.get(unit.mangled(node.attr))
                if context.unit(hidden) is not None:
                    context.report_name(
                        "SF111",
                        unit,
                        node,
                        f"`{unit.name}` assigns `self.{node.attr}`, which is a method of {owner.__name__}",
                        why="the attribute would hide the method in this entity, while callers elsewhere rely on the class",
                        fix=f"give the attribute another name, such as {node.attr}_",
                    )
