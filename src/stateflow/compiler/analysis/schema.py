"""Describe the state of an entity class: its fields, what they were annotated with, and the digest of all that states depend on."""

from __future__ import annotations

import ast
import hashlib
import inspect
import typing
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from stateflow.compiler.analysis.creation import created_fields
from stateflow.compiler.analysis.inference import ModuleNames
from stateflow.compiler.program import unwrap
from stateflow.compiler.scope import mangle
from stateflow.compiler.source import class_node, function_node
from stateflow.compiler.trees import walk
from stateflow.compiler.types import Kind, resolve_annotation, resolve_value
from stateflow.dataflow.graph import field_names
from stateflow.dataflow.schema import ClassSchema, ClassVersion
from stateflow.renaming import former_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stateflow.compiler.program import Program
    from stateflow.compiler.unit import FunctionUnit

__all__ = ["class_schema", "mentioned_names"]

_DIGEST_LENGTH = 16


class _Annotation(NamedTuple):
    node: ast.expr
    names: Mapping[str, object]


def class_schema(cls: type, program: Program, mentioned: frozenset[str] | None, values: dict[str, str]) -> ClassSchema:
    """Return what is known of the state of an entity class.

    Args:
        cls: an entity class.
        program: the analysed program.
        mentioned: what `mentioned_names` answers.
        values: the fields of each value class of the flow, as text.
    """
    annotations = _annotations(cls, program)
    names = [name for name in field_names(cls, program) if not _is_class_variable(annotations.get(name))]
    fields = {name: ast.unparse(annotations[name].node) if name in annotations else "" for name in sorted(names)}
    upgrade: Any = program.member(cls, "__upgrade__")
    number = program.member(cls, "__version__")
    number = number if type(number) is int else 0
    units = list(_units(cls, program))
    # A class that numbers its versions is asked by the number alone.
    body = [] if number else [_source(u) for u in units if u.short_name == "__upgrade__"]
    return ClassSchema(
        cls=cls,
        version=ClassVersion(
            class_name=cls.__qualname__,
            number=number,
            fields=fields,
            digest=_digest([fields, number, body]),
            code=_digest([_source(u) for u in units]),
            values=values,
        ),
        created=created_fields(cls, program),
        kinds={n: kinds for n in names if n in annotations and (kinds := _kinds(annotations[n], program))},
        mentioned=mentioned,
        private_prefixes=tuple(_private_prefixes(cls)),
        upgrade=upgrade,
        upgrade_takes_number=upgrade is not None and len(inspect.signature(upgrade).parameters) > 2,
    )


def mentioned_names(program: Program) -> frozenset[str] | None:
    """Return every attribute name that some function reads, writes or spells; None when names are computed.

    What only `__upgrade__` mentions is a matter of the past.
    """
    if program.is_open:
        return None
    found: set[str] = set()
    for unit in program.all_units():
        if unit.short_name == "__upgrade__":
            continue
        for node in walk(unit.node):
            if isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return frozenset(found)


def _digest(content: object) -> str:
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()[:_DIGEST_LENGTH]


def _source(unit: FunctionUnit) -> object:
    """Return a method without comments and layout, as the user wrote it: the normal form may change between releases."""
    return _form(function_node(unit.function)) if unit.function is not None else None


def _form(part: object) -> object:
    """Return a part of a syntax tree as plain lists; empty fields, of which newer versions of Python have more, are left out."""
    if isinstance(part, list):
        return [_form(element) for element in part]
    if not isinstance(part, ast.AST):
        return f"{type(part).__name__} {part!r}"
    if isinstance(part, ast.JoinedStr):
        return ["JoinedStr", *_text_parts(part)]
    fields = [(name, value) for name, value in ast.iter_fields(part) if value is not None and value != []]
    return [type(part).__name__, *([name, _form(value)] for name, value in sorted(fields, key=lambda field: field[0]))]


def _text_parts(text: ast.JoinedStr) -> list[object]:
    """Return the parts of an f-string; how its plain text is cut into constants differs between versions of Python."""
    found: list[object] = []
    for part in text.values:
        plain = str(part.value) if isinstance(part, ast.Constant) else None
        if plain is None:
            found.append(_form(part))
        elif found and isinstance(found[-1], str):
            found[-1] += plain
        elif plain:
            found.append(plain)
    return found


def _units(cls: type, program: Program) -> Iterator[FunctionUnit]:
    """Yield the methods of a class and its bases."""
    for base in cls.__mro__:
        for member in base.__dict__.values():
            yield from filter(None, (program.unit_of(function) for function, _ in unwrap(member)))


def _annotations(cls: type, program: Program) -> dict[str, _Annotation]:
    """Return the annotation of each field: in the body of the class, on `self.name: T = ...`, or of the parameter that it is set to."""
    found: dict[str, _Annotation] = {}
    for unit in _units(cls, program):
        names = ModuleNames(unit, program)
        for name, node in _annotated_assignments(unit):
            found.setdefault(name, _Annotation(node, names))
    for base in reversed(cls.__mro__):
        statement = class_node(base) if base is not object else None
        module = _module_names(base, program)
        for line in statement.body if statement is not None else ():
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                found[mangle(line.target.id, base.__name__)] = _Annotation(line.annotation, module)
    return found


def _module_names(cls: type, program: Program) -> Mapping[str, object]:
    import builtins
    import sys

    unit = next((u for u in program.units.values() if u.owner is cls), None)
    names = unit.names if unit is not None else vars(sys.modules.get(cls.__module__, builtins))
    return {**vars(builtins), **names}


def _annotated_assignments(unit: FunctionUnit) -> Iterator[tuple[str, ast.expr]]:
    arguments = (*unit.node.args.posonlyargs, *unit.node.args.args)
    if not arguments or unit.is_static or unit.is_class:
        return
    own = arguments[0].arg
    parameters = {a.arg: a.annotation for a in (*arguments, *unit.node.args.kwonlyargs) if a.annotation is not None}
    for node in walk(unit.node):
        match node:
            case ast.AnnAssign(target=ast.Attribute(value=ast.Name(id=name), attr=field), annotation=annotation) if name == own:
                yield field, annotation
            case ast.Assign(targets=[target], value=value) if unit.short_name == "__init__":
                for field, given in _pairs(target, value, own):
                    if isinstance(given, ast.Name) and given.id in parameters:
                        yield field, parameters[given.id]


def _pairs(target: ast.expr, value: ast.expr, own: str) -> Iterator[tuple[str, ast.expr]]:
    match target, value:
        case ast.Attribute(value=ast.Name(id=name), attr=field), _ if name == own:
            yield field, value
        case ast.Tuple(elts=parts), ast.Tuple(elts=values) if len(parts) == len(values):
            for part, element in zip(parts, values, strict=True):
                yield from _pairs(part, element, own)


def _is_class_variable(annotation: _Annotation | None) -> bool:
    if annotation is None:
        return False
    node = annotation.node.value if isinstance(annotation.node, ast.Subscript) else annotation.node
    return resolve_value(node, annotation.names) is typing.ClassVar


def _kinds(annotation: _Annotation, program: Program) -> tuple[type, ...]:
    """Return the classes that an annotation allows; nothing when it does not name them plainly."""
    found: list[type] = []
    waiting = [annotation.node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            waiting += [node.left, node.right]
            continue
        if isinstance(node, ast.Subscript) and resolve_value(node.value, annotation.names) is typing.Optional:
            waiting += [node.slice, ast.Constant(None)]
            continue
        kind = resolve_annotation(node, annotation.names, program.entity_set)
        if kind.kind is Kind.UNKNOWN or kind.cls is None:
            return ()
        # As the type checkers have it, an int will do where a float is asked for.
        found += [kind.cls, *([int] if kind.cls is float else [])]
    return tuple(found)


def _private_prefixes(cls: type) -> Iterator[tuple[str, str]]:
    for base in cls.__mro__:
        for former in former_names(base):
            name = former.rpartition(":")[2].rpartition(".")[2]
            yield f"_{name.lstrip('_')}__", f"_{base.__name__.lstrip('_')}__"
