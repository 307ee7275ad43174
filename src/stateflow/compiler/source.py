"""Source: from live functions and classes back to their syntax trees.

Each file is parsed once. Functions are found by the line and name that their code object keeps, so that this also works
for functions defined in functions, and for source that only `linecache` knows (doctest, notebooks).
"""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
import textwrap
import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stateflow.compiler.diagnostics import Span
from stateflow.compiler.trees import walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = [
    "FunctionNode",
    "SourceFunction",
    "class_file",
    "class_node",
    "function_node",
    "module_tree",
    "node_span",
    "own_functions",
    "source_function",
]

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
NAMED = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class SourceFunction:
    """A live function together with its source.

    `lines` are all lines of its file; `globals` are the names of its module; `owner` is the class whose body defines it.
    """

    function: types.FunctionType
    node: FunctionNode
    filename: str
    lines: Sequence[str]
    owner: type | None = None

    @property
    def qualname(self) -> str:
        """The function's dotted name, as in `User.buy_item`."""
        return self.function.__qualname__

    @property
    def globals(self) -> Mapping[str, Any]:
        """The names of the function's module."""
        return self.function.__globals__

    def span(self, node: ast.AST) -> Span:
        """Return where a node of this function stands."""
        return node_span(self.filename, self.lines, node)


def source_function(function: types.FunctionType, owner: type | None = None) -> SourceFunction | None:
    """Return a function with its source; None when there is no source, as for what `dataclass` generates."""
    node = function_node(function)
    if node is None:
        return None
    filename = function.__code__.co_filename
    return SourceFunction(function, node, filename, linecache.getlines(filename, function.__globals__), owner)


def node_span(filename: str, lines: Sequence[str], node: Any) -> Span:
    """Return the span of a syntax node. The columns of `ast` count bytes, those of a span count characters."""
    line, end_line = node.lineno, node.end_lineno or node.lineno
    return Span(filename, line, _column(lines, line, node.col_offset), end_line, _column(lines, end_line, node.end_col_offset))


def _column(lines: Sequence[str], line: int, offset: int) -> int:
    if line > len(lines) or lines[line - 1].isascii():
        return offset
    return len(lines[line - 1].encode()[:offset].decode(errors="ignore"))


def module_tree(module: types.ModuleType | str) -> ast.Module | None:
    """Return the syntax tree of a module or file, with its true lines and columns; None when it has no Python source."""
    filename = module if isinstance(module, str) else getattr(module, "__file__", None)
    names = None if isinstance(module, str) else vars(module)
    source = _sources(filename, names)[0] if filename else None
    return source.tree if source else None


def function_node(function: types.FunctionType) -> FunctionNode | None:
    """Return the `def` or `lambda` that made a function; None for generated functions and where there is no source."""
    code = function.__code__
    for source in _sources(code.co_filename, function.__globals__):
        node = source.lambda_node(code) if code.co_name == "<lambda>" else source.definition(code)
        if node is not None:
            return node
    return _block_node(code, function.__globals__)


def class_node(cls: type) -> ast.ClassDef | None:
    """Return the `class` statement of a class; None where there is no source."""
    return _class_source(cls)[1]


def class_file(cls: type) -> str:
    """Return the file that defines a class, or its module's name in angle brackets where that is not known."""
    return _class_source(cls)[0] or f"<{cls.__module__}>"


def _class_source(cls: type) -> tuple[str | None, ast.ClassDef | None]:
    """Return a class's file and statement, by its methods where it has some: its module may have been run from another text."""
    functions = own_functions(cls).values()
    for function in functions:
        for source in _sources(function.__code__.co_filename, function.__globals__):
            node = source.class_of(function.__code__)
            if node is not None:
                return function.__code__.co_filename, node
    module = sys.modules.get(cls.__module__)
    filename = getattr(module, "__file__", None) or next((f.__code__.co_filename for f in functions), None)
    for source in _sources(filename, vars(module)) if filename and module else ():
        if cls.__qualname__ in source.classes:
            return filename, source.classes[cls.__qualname__]
    return filename, None


def own_functions(cls: type) -> dict[str, types.FunctionType]:
    """Return the functions of a class itself, also generated ones, by name; of a property, its getter (`x`), setter (`x.setter`), deleter.

    Functions that were decorated by a function of another place stand for the undecorated one when it is known (`__wrapped__`).
    """
    found: dict[str, types.FunctionType] = {}
    for name, value in vars(cls).items():
        for label, member in _members(name, value):
            function = inspect.unwrap(member) if callable(member) else member
            if isinstance(function, types.FunctionType) and _is_defined_in(function, cls):
                found[label] = function
    return found


def _members(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, property):
        yield from ((name, value.fget), (f"{name}.setter", value.fset), (f"{name}.deleter", value.fdel))
    elif isinstance(value, (staticmethod, classmethod)):
        yield name, value.__func__
    else:
        # `cached_property` and `partialmethod` keep the function in `func`.
        yield name, value if isinstance(value, types.FunctionType) else getattr(value, "func", value)


def _is_defined_in(function: types.FunctionType, cls: type) -> bool:
    return function.__module__ == cls.__module__ and function.__qualname__.rpartition(".")[0] == cls.__qualname__


class _Source:
    """One parsed text with its functions and classes."""

    def __init__(self, lines: list[str], tree: ast.Module) -> None:
        self.lines = lines
        self.tree = tree
        self.classes: dict[str, ast.ClassDef] = {}
        self._definitions: dict[tuple[int, str], ast.FunctionDef | ast.AsyncFunctionDef] = {}
        self._class_of: dict[ast.AST, ast.ClassDef] = {}
        self._lambdas: dict[int, list[ast.Lambda]] | None = None
        self._index(tree, "", None)

    def definition(self, code: types.CodeType) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        node = self._definitions.get((code.co_firstlineno, code.co_name))
        return node if node is not None and _has_parameters(node.args, code) else None

    def class_of(self, code: types.CodeType) -> ast.ClassDef | None:
        node = self.definition(code)
        return self._class_of.get(node) if node is not None else None

    def lambda_node(self, code: types.CodeType) -> ast.Lambda | None:
        if self._lambdas is None:
            self._lambdas = {}
            for node in walk(self.tree):
                if isinstance(node, ast.Lambda):
                    self._lambdas.setdefault(node.lineno, []).append(node)
        candidates = [n for n in self._lambdas.get(code.co_firstlineno, ()) if _has_parameters(n.args, code) and _covers(n.body, code)]
        return min(candidates, key=_extent, default=None)

    def _index(self, parent: ast.AST, prefix: str, cls: ast.ClassDef | None) -> None:
        for node in _statements(parent):
            if isinstance(node, NAMED):
                first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
                self._definitions[first, node.name] = node
                if cls is not None:
                    self._class_of[node] = cls
                self._index(node, f"{prefix}{node.name}.<locals>.", None)
            elif isinstance(node, ast.ClassDef):
                self.classes[prefix + node.name] = node
                self._index(node, f"{prefix}{node.name}.", node)
            else:
                self._index(node, prefix, cls)


# By file, newest first. Doctests use one file name for several texts, so older texts stay.
_parsed: dict[str, list[_Source]] = {}
OLD_TEXTS_KEPT = 8


def _sources(filename: str, module_globals: Mapping[str, Any] | None) -> list[_Source]:
    """Return the parsed texts known under a file name, the present one first."""
    lines = linecache.getlines(filename, dict(module_globals) if _needs_loader(filename) and module_globals else None)
    known = _parsed.setdefault(filename, [])
    if lines and not any(s.lines is lines or s.lines == lines for s in known[:1]):
        tree = _parse(lines)
        if tree is not None:
            known.insert(0, _Source(lines, tree))
            del known[OLD_TEXTS_KEPT:]
    return known


def _needs_loader(filename: str) -> bool:
    return filename not in linecache.cache


def _parse(lines: list[str]) -> ast.Module | None:
    try:
        return ast.parse("".join(lines))
    except (SyntaxError, ValueError):
        return None


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    for field in ("body", "handlers", "orelse", "finalbody", "cases"):
        children = getattr(node, field, None)
        if isinstance(children, list):
            yield from children


def _has_parameters(args: ast.arguments, code: types.CodeType) -> bool:
    names = [a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
    return len(names) == code.co_argcount + code.co_kwonlyargcount


def _covers(body: ast.expr, code: types.CodeType) -> bool:
    """Tell whether all of the code's instructions stand inside the lambda's body."""
    start, end = (body.lineno, body.col_offset), (body.end_lineno or 0, body.end_col_offset or 0)
    for line, end_line, column, end_column in code.co_positions():
        if line is None or end_line is None or column is None or end_column is None or (column, end_column) == (0, 0):
            continue
        if not (start <= (line, column) and (end_line, end_column) <= end):
            return False
    return True


def _extent(node: ast.Lambda) -> tuple[int, int]:
    lines = (node.end_lineno or node.lineno) - node.lineno
    return (lines, (node.end_col_offset or 0) - node.col_offset if lines == 0 else 0)


def _block_node(code: types.CodeType, module_globals: Mapping[str, Any]) -> FunctionNode | None:
    """Find a function in a text that is not Python as a whole, such as a page of documentation with code in it."""
    lines = linecache.getlines(code.co_filename, dict(module_globals))
    if not 0 < code.co_firstlineno <= len(lines):
        return None
    first = code.co_firstlineno - 1
    try:
        block = inspect.getblock(lines[first:])
        tree = ast.parse(textwrap.dedent("".join(block)))
    except (SyntaxError, ValueError):
        return None
    indent = len(lines[first]) - len(lines[first].lstrip())
    for node in walk(tree):
        if isinstance(node, NAMED) and node.name == code.co_name and _has_parameters(node.args, code):
            return _moved(node, first, indent)
    return None


def _moved(root: FunctionNode, lines: int, columns: int) -> FunctionNode:
    for node in walk(root):
        if isinstance(node, (ast.stmt, ast.expr, ast.excepthandler, ast.arg, ast.keyword, ast.alias, ast.pattern)):
            node.lineno += lines
            node.end_lineno = (node.end_lineno or 0) + lines
            node.col_offset += columns
            node.end_col_offset = (node.end_col_offset or 0) + columns
    return root
