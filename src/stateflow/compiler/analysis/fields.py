"""Infer the types of attributes: each name has one type, joined over all classes that have it."""

from __future__ import annotations

import ast
import inspect
import types
from typing import TYPE_CHECKING

from stateflow.compiler.analysis.inference import NUMBERS, Inference, ModuleNames
from stateflow.compiler.types import UNKNOWN, Type, join, local, resolve_annotation

if TYPE_CHECKING:
    from stateflow.compiler.program import Program

__all__ = ["infer_fields"]


def infer_fields(program: Program) -> None:
    """Fill `program.fields`: the type of each attribute name, joined over all classes that have it."""
    found: dict[str, Type] = {}
    declared: dict[tuple[type, str], Type] = {}
    known = {unit.owner: ModuleNames(unit, program) for unit in program.units.values() if unit.owner}
    for cls in dict.fromkeys(b for c in (*program.entities, *program.value_classes) for b in c.__mro__[:-1]):
        for name, annotation in inspect.get_annotations(cls).items():
            declared[cls, name] = _from_object(annotation, known.get(cls), program)
    bindings = [
        (unit, node, Inference(unit, program)) for unit in program.all_units() for node in unit.binders if isinstance(node, STORES)
    ]
    for unit, node, inference in bindings:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Attribute) and unit.owner is not None:
            declared[unit.owner, node.target.attr] = inference.annotation(node.annotation)
    for (_, name), kind in declared.items():
        found[name] = join(found.get(name), kind)
    for _, node, inference in bindings:
        _field_binding(node, inference, found, declared)
    for cls in (*program.entities, *program.value_classes):
        for name, member in cls.__dict__.items():
            if name in found and not callable(member):
                found[name] = UNKNOWN if isinstance(member, property) else join(found[name], local(type(member)))
    program.fields = found


STORES = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.For, ast.AsyncFor, ast.withitem)


def _from_object(annotation: object, names: ModuleNames | None, program: Program) -> Type:
    if isinstance(annotation, str):
        node = ast.Constant(annotation)
        return resolve_annotation(node, {} if names is None else names, program.entity_set)
    if annotation is None:
        return local(type(None))
    text = {"T": annotation}
    if isinstance(annotation, types.GenericAlias):
        return UNKNOWN if annotation.__origin__ not in (list, dict, set, tuple, frozenset) else local(annotation.__origin__)
    return resolve_annotation(ast.Name("T", ast.Load()), text, program.entity_set)


def _field_binding(
    node: ast.AST, inference: Inference, found: dict[str, Type], declared: dict[tuple[type, str], Type]
) -> None:
    def put(target: ast.expr, kind: Type) -> None:
        if isinstance(target, ast.Attribute):
            owner = inference.of(target.value).cls
            if owner is None or not any((base, target.attr) in declared for base in owner.__mro__):
                found[target.attr] = join(found.get(target.attr), kind)
        elif isinstance(target, ast.Tuple | ast.List):
            for part in target.elts:
                put(part.value if isinstance(part, ast.Starred) else part, UNKNOWN)

    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
                    for part, element in zip(target.elts, value.elts, strict=True):
                        put(part, inference.of(element))
                else:
                    put(target, inference.of(value))
        case ast.AugAssign(target=ast.Attribute() as target, value=value):
            # Adding a number to a number leaves a number.
            kind = inference.of(value)
            put(target, kind if kind.cls in NUMBERS else UNKNOWN)
        case ast.For(target=target) | ast.AsyncFor(target=target) | ast.withitem(optional_vars=ast.expr() as target):
            put(target, UNKNOWN)
