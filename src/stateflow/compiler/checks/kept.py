"""SF319, SF320, SF329: values that cannot be stored, in a variable that is still needed when another entity has answered.

Liveness over the control-flow graph tells which variables a frame would hold at each suspension point; only what certainly suspends counts.
"""

from __future__ import annotations

import ast
import pathlib
import re
from typing import TYPE_CHECKING, Any

from stateflow.compiler.analysis.effects import of_blocks
from stateflow.compiler.analysis.liveness import live_variables
from stateflow.compiler.checks.names import MISSING
from stateflow.compiler.ir import Assign, Operate
from stateflow.compiler.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.compiler.checks.certainty import Certainty
    from stateflow.compiler.checks.context import Context, Unit
    from stateflow.compiler.checks.receivers import Receivers
    from stateflow.compiler.ir import Block, FunctionIR
    from stateflow.compiler.unit import FunctionUnit

__all__ = ["check_attributes", "check_kept"]

_FILE = ("SF319", "an open file", "read the file to its end first, or call the entity after it is closed")
_MATCH = ("SF329", "a match of a regular expression", "keep its groups: they are text")
_WEAK = ("SF329", "a weak reference", "keep the object itself, or its key")
_CONTEXT = ("SF329", "a context manager of the process", "leave it before the entity is called")
_BUFFER = ("SF329", "a buffer", "keep its text or bytes: getvalue()")
_KINDS = {
    _FILE: "io.open os.fdopen gzip.open bz2.open lzma.open tarfile.open zipfile.ZipFile tempfile.TemporaryFile tempfile.NamedTemporaryFile "
    "tempfile.TemporaryDirectory os.scandir socket.socket",
    _MATCH: "re.match re.search re.fullmatch",
    _WEAK: "weakref.ReferenceType weakref.proxy weakref.WeakKeyDictionary weakref.WeakValueDictionary weakrefset.WeakSet "
    "weakref.WeakMethod weakref.finalize",
    _CONTEXT: "decimal.localcontext warnings.catch_warnings contextlib.ExitStack contextlib.AsyncExitStack contextlib.redirect_stdout "
    "contextlib.redirect_stderr contextlib.chdir",
    _BUFFER: "io.StringIO io.BytesIO",
    ("SF329", "the context of decimal numbers", "make it where it is used, or once in the module"): "decimal.Context decimal.getcontext",
    ("SF329", "a view of memory", "keep the bytes: bytes(view)"): "builtins.memoryview",
    ("SF329", "a bare object()", "make it a constant of the module, or use an Enum"): "builtins.object",
    ("SF329", "a hash in progress", "keep the bytes, and hash them at the end"): "hashlib.openssl_sha256 hashlib.openssl_md5 "
    "hashlib.openssl_sha1 hashlib.openssl_sha512 hashlib.new blake2.blake2b blake2.blake2s hmac.new",
}
_BY_NAME = {name: kind for kind, names in _KINDS.items() for name in names.split()}
Made = tuple[str, str, str]


def check_attributes(context: Context, receivers: Receivers) -> None:
    """Refuse attributes of entities that hold what cannot be stored."""
    bases = context.entity_bases()
    for unit in context.units:
        for node in unit.of(ast.Assign, ast.AnnAssign) if unit.owner in bases else ():
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            is_own = any(isinstance(t, ast.Attribute) and receivers.own_class(unit, t.value) is not None for t in targets)
            made = _made(receivers, unit, node.value) if is_own and isinstance(node.value, ast.Call) else None
            if made is not None:
                context.report(
                    "SF329",
                    unit,
                    node.value,
                    f"`{unit.name}` keeps {made[1]} in `{ast.unparse(targets[0])}`",
                    why="the attributes of an entity are stored when the request ends; this cannot be",
                    fix="keep what it is made from, and make it where it is used",
                )


def check_kept(context: Context, receivers: Receivers, source: Unit, unit: FunctionUnit, certainty: Certainty) -> None:
    """Refuse what one function keeps."""
    makers = {_place(n): (n, kind) for n in unit.nodes if isinstance(n, ast.Call) and (kind := _made(receivers, source, n)) is not None}
    reached = {_place(n): n for n in certainty.nodes(unit)}
    if not makers or not reached:
        return
    from stateflow.compiler.pipeline import lower

    function = lower(unit, certainty.program)
    alive = _alive_after(function)
    for label, name, place in _definitions(function, makers):
        following = _reachable(function, label)
        found = next((n for at in following if name in alive.get(at, ()) and (n := _suspends(function.blocks[at], reached))), None)
        if found is not None:
            node, (code, what, fix) = makers[place]
            if any((d.code, d.span.line, d.span.file) == (code, node.lineno, source.source.filename) for d in context.bag):
                continue
            context.report(
                code,
                source,
                node,
                f"`{source.name}` keeps {what} while it reaches another entity by `{ast.unparse(found)}`",
                why="the method may go on in another process once the other entity has answered; this cannot move there",
                fix=fix,
            )


def _made(receivers: Receivers, source: Unit, call: ast.Call) -> Made | None:
    """Return what a call makes that cannot be stored; None for all else."""
    value: Any = source.names.value(call.func)
    if value is not MISSING:
        module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
        return _BY_NAME.get(f"{module.lstrip('_')}.{name}") if isinstance(module, str) else None
    if not isinstance(call.func, ast.Attribute):
        return None
    owner = source.names.value(call.func.value)
    if isinstance(owner, re.Pattern) and call.func.attr in ("match", "search", "fullmatch"):
        return _MATCH
    cls = owner if isinstance(owner, type) else receivers.of(source, call.func.value).cls
    is_path = isinstance(owner, pathlib.Path) or (isinstance(cls, type) and issubclass(cls, pathlib.Path))
    return _FILE if is_path and call.func.attr == "open" and _is_local(receivers, source, call.func.value) else None


def _is_local(receivers: Receivers, source: Unit, node: ast.expr) -> bool:
    return source.names.value(node) is not MISSING or receivers.of(source, node).kind is Kind.LOCAL


def _definitions(function: FunctionIR, makers: dict[Any, Any]) -> Iterator[tuple[int, str, Any]]:
    """Yield the block, the variable and the place of each call whose value is all that a variable ever holds."""
    found: dict[str, list[tuple[int, Any] | None]] = {}
    for label, block in function.blocks.items():
        for instruction in block.instructions:
            bound = [(instruction.target, instruction.value)] if isinstance(instruction, Assign) else _bound(instruction.statement)
            for name, value in bound:
                if isinstance(value, ast.Name) and value.id == ".UNBOUND":
                    continue
                place = _place(value) if isinstance(value, ast.Call) else None
                found.setdefault(name, []).append((label, place) if place in makers else None)
        if isinstance(block.terminator, Operate) and block.terminator.target is not None:
            found.setdefault(block.terminator.target, []).append(None)
    for name, definitions in found.items():
        if None not in definitions:
            yield from ((d[0], name, d[1]) for d in definitions if d is not None)


def _bound(statement: ast.stmt) -> list[tuple[str, ast.expr | None]]:
    """Return the names that a native statement binds, each with its value where it is one plain assignment."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
        return [(statement.targets[0].id, statement.value)]
    return [(n.id, None) for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


def _alive_after(function: FunctionIR) -> dict[int, set[str]]:
    """Return the variables that are needed after the operation at the end of each block, in its handler too."""
    live = live_variables(function, of_blocks(function.blocks.values())).live_in
    alive = {}
    for label, block in function.blocks.items():
        if isinstance(block.terminator, Operate):
            alive[label] = set().union(*(live[s] for s in block.successors()))
            if block.handler is not None:
                alive[label] |= live[block.handler]
    return alive


def _reachable(function: FunctionIR, start: int) -> list[int]:
    found, pending = {start}, [start]
    while pending:
        block = function.blocks[pending.pop()]
        for label in [*block.successors(), *([block.handler] if block.handler is not None else [])]:
            if label not in found:
                found.add(label)
                pending.append(label)
    return sorted(found)


def _suspends(block: Block, reached: dict[Any, Any]) -> Any:
    """Return the node of the user that certainly suspends at the end of a block; None where there is none."""
    if not isinstance(block.terminator, Operate):
        return None
    call: Any = block.terminator.call
    start, end = _place(call)
    # The operation of a method call stands at the call, what is certain is the attribute at its beginning.
    return next((node for (first, last), node in reached.items() if first == start and last <= end), None)


def _place(node: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
