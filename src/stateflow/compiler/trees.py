"""Walk and copy syntax trees. The compiler looks at all nodes many times; `ast.walk` and `copy.deepcopy` would be most of its time."""

from __future__ import annotations

import ast
from typing import Any, TypeVar

__all__ = ["children", "copy_place", "copy_tree", "is_outer", "mark_outer", "walk"]

T = TypeVar("T", bound=ast.AST)

# Fields that hold no nodes but contexts and operators.
_LEAVES = frozenset({
    "arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "kwd_attrs", "level", "module", "name", "op", "ops", "rest",
    "simple", "type_comment",
})  # fmt: skip
# Fields whose lists have gaps, as `**more` in a dict and a parameter without a default.
_GAPS = frozenset({"keys", "kw_defaults"})
_fields: dict[type, tuple[str, ...]] = dict.fromkeys((ast.Constant, ast.MatchSingleton, ast.Global, ast.Nonlocal), ())
if hasattr(ast, "TypeAlias"):
    _fields[ast.TypeAlias] = ("name", "value")


def _fields_of(kind: Any) -> tuple[str, ...]:
    """Return the fields of a type of node that may hold nodes worth a visit."""
    found = _fields.get(kind)
    if found is None:
        found = _fields[kind] = tuple(f for f in kind._fields if f not in _LEAVES)
    return found


def walk(root: ast.AST) -> list[Any]:
    """Return a node and all nodes below it, from the outside in; contexts and operators are left out."""
    nodes: list[Any] = [root]
    for node in nodes:  # the list grows while it is walked
        kind = type(node)
        for field in _fields[kind] if kind in _fields else _fields_of(kind):
            value = getattr(node, field, None)
            if type(value) is list:
                nodes += value if field not in _GAPS else filter(None, value)
            elif value is not None:
                nodes.append(value)
    return nodes


def children(node: ast.AST) -> list[Any]:
    """Return the nodes right below a node, in the order of the source; contexts and operators are left out."""
    found: list[Any] = []
    kind = type(node)
    for field in _fields[kind] if kind in _fields else _fields_of(kind):
        value = getattr(node, field, None)
        if type(value) is list:
            found += value if field not in _GAPS else filter(None, value)
        elif value is not None:
            found.append(value)
    return found


def copy_place(node: T, at: ast.AST) -> T:
    """Give a node the place of another one; return it."""
    found = at.__dict__
    if "end_lineno" not in found:
        return ast.copy_location(node, at)
    place = node.__dict__
    place["lineno"], place["col_offset"] = found["lineno"], found["col_offset"]
    place["end_lineno"], place["end_col_offset"] = found["end_lineno"], found["end_col_offset"]
    return node


def copy_tree(node: T) -> T:
    """Return a copy of a tree. Contexts, operators, constants and lists of names are shared with it: nobody changes them."""
    kind = type(node)
    twin = kind.__new__(kind)
    fields = twin.__dict__
    fields.update(node.__dict__)
    for field in _fields[kind] if kind in _fields else _fields_of(kind):
        value = fields.get(field)
        if type(value) is list:
            fields[field] = [v and copy_tree(v) for v in value]
        elif value is not None:
            fields[field] = copy_tree(value)
    return twin


def mark_outer(name: ast.Name) -> None:
    """Note that a name in a comprehension is a variable of the function around it."""
    name.__dict__["is_outer"] = True


def is_outer(name: ast.Name) -> bool:
    """Tell whether a name is read inside a comprehension that is a function of its own to CPython, from the function around it."""
    return "is_outer" in name.__dict__
