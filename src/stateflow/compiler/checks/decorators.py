"""SF411 and SF415: decorators of methods."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from stateflow.compiler.checks.names import MISSING

if TYPE_CHECKING:
    from stateflow.compiler.checks.context import Context, Unit
    from stateflow.compiler.checks.receivers import Receivers

__all__ = ["check_decorators"]

_KNOWN = frozenset(
    "builtins.staticmethod builtins.classmethod builtins.property functools.wraps functools.cached_property functools.partialmethod "
    "functools.singledispatchmethod abc.abstractmethod abc.abstractproperty abc.abstractclassmethod abc.abstractstaticmethod "
    "typing.override typing.overload typing.final typing.no_type_check typing_extensions.override typing_extensions.deprecated "
    "warnings.deprecated contextlib.contextmanager contextlib.asynccontextmanager functools.total_ordering "
    "stateflow.renamed stateflow.renaming.renamed".split()
)
_CACHES = frozenset({"functools.lru_cache", "functools.cache"})


def check_decorators(context: Context, receivers: Receivers) -> None:
    """Warn about decorators from elsewhere: the compiler does not see what they do with the method."""
    bases = context.entity_bases()
    for unit in context.units:
        if unit.owner in bases:
            for node in getattr(unit.node, "decorator_list", ()):
                _check(context, unit, node)


def _check(context: Context, unit: Unit, node: ast.expr) -> None:
    called = node.func if isinstance(node, ast.Call) else node
    name = unit.names.canonical(called)
    value = unit.names.value(called)
    if name in _CACHES:
        context.report(
            "SF415",
            unit,
            node,
            f"`{unit.name}` keeps its answers in a cache of the process",
            why="the cache does not know the state of the entity, and other processes do not see it",
            fix="keep the answer in an attribute of the entity",
        )
    elif name is not None and name not in _KNOWN and context.unit(value) is None and value is not MISSING and not _is_users(context, value):
        context.report(
            "SF411",
            unit,
            node,
            f"`{unit.name}` has the decorator `{ast.unparse(called)}`, which the compiler does not know",
            why="a decorator of a library runs as library code: it cannot wait for another entity",
            fix="write a decorator of your own in the module, or call what it does in the method",
        )


def _is_users(context: Context, value: object) -> bool:
    return isinstance(value, type) and context.is_user_class(value)
