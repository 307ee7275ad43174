"""Infer what is known of each value, from annotations, literals and calls of known functions.

Variables are flow-insensitive: the type of a variable joins all that is bound to it.
"""

from __future__ import annotations

import ast
import types
from typing import TYPE_CHECKING, Any

from stateflow.compiler.program import unwrap
from stateflow.compiler.types import UNKNOWN, Kind, Type, entity, join, local, resolve_annotation, resolve_value

if TYPE_CHECKING:
    from stateflow.compiler.program import Program
    from stateflow.compiler.unit import FunctionUnit

__all__ = ["Inference", "ModuleNames", "infer_variables"]

RESULTS: dict[str, type] = {
    "len": int, "str": str, "repr": str, "int": int, "float": float, "bool": bool, "isinstance": bool, "issubclass": bool, "callable": bool,
    "hash": int, "id": int, "ord": int, "chr": str, "format": str, "range": range, "bytes": bytes, "any": bool,
    "all": bool, "hasattr": bool,
    "bytearray": bytearray, "complex": complex, "print": type(None),
}  # fmt: skip
COPIES: dict[str, type] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset, "sorted": list}
STR_METHODS: dict[str, type] = {
    **dict.fromkeys("upper lower strip lstrip rstrip title capitalize replace join format zfill center ljust rjust".split(), str),
    **dict.fromkeys("startswith endswith isdigit isalpha isupper islower isspace".split(), bool),
    **dict.fromkeys("find index count rfind".split(), int),
}
NUMBERS = (int, float, bool, complex)
ROUNDS = 6


class Inference:
    """The types of the expressions of one function. `env` holds those of its variables."""

    def __init__(self, unit: FunctionUnit, program: Program) -> None:
        self.unit = unit
        self.program = program
        self.env = unit.env

    def of(self, node: ast.expr) -> Type:
        """Return the type of an expression."""
        handler = getattr(self, f"_of_{type(node).__name__.lower()}", None)
        return handler(node) if handler is not None else UNKNOWN

    def annotation(self, node: ast.expr | None) -> Type:
        """Return the type that an annotation of this function stands for."""
        if node is None:
            return UNKNOWN
        return resolve_annotation(node, ModuleNames(self.unit, self.program), self.program.entity_set)

    def _of_constant(self, node: ast.Constant) -> Type:
        return local(type(node.value))

    def _of_joinedstr(self, node: ast.JoinedStr) -> Type:
        return local(str)

    def _of_name(self, node: ast.Name) -> Type:
        scope = self.unit.scope
        if "." in node.id or node.id in scope.bound or node.id in scope.free:
            return self._variable(node.id)
        found, value = self.program.global_value(self.unit, node.id)
        if found and type(value) not in self.program.entity_set:
            return local(type(value))
        return UNKNOWN

    def _variable(self, name: str) -> Type:
        unit: FunctionUnit | None = self.unit
        while unit is not None:
            if name in unit.env:
                return unit.env[name]
            unit = unit.parent
        return UNKNOWN

    def _of_list(self, node: ast.List) -> Type:
        # What a list or set holds now says nothing of what is added later.
        return local(list)

    def _of_set(self, node: ast.Set) -> Type:
        return local(set)

    def _of_tuple(self, node: ast.Tuple) -> Type:
        if any(isinstance(e, ast.Starred) for e in node.elts) or not node.elts:
            return local(tuple)
        elements = [self.of(e) for e in node.elts]
        result: Type | None = None
        for element in elements:
            result = join(result, element)
        return local(tuple, result or UNKNOWN, *elements)

    def _of_dict(self, node: ast.Dict) -> Type:
        return local(dict)

    def _of_listcomp(self, node: ast.ListComp) -> Type:
        return local(list)

    def _of_setcomp(self, node: ast.SetComp) -> Type:
        return local(set)

    def _of_dictcomp(self, node: ast.DictComp) -> Type:
        return local(dict)

    def _of_compare(self, node: ast.Compare) -> Type:
        operands = [self.of(node.left), *map(self.of, node.comparators)]
        return local(bool) if all(t.is_plain for t in operands) or not self.program.dunders else UNKNOWN

    def _of_unaryop(self, node: ast.UnaryOp) -> Type:
        if isinstance(node.op, ast.Not):
            return local(bool)
        operand = self.of(node.operand)
        return operand if operand.cls in NUMBERS else UNKNOWN

    def _of_binop(self, node: ast.BinOp) -> Type:
        left, right = self.of(node.left), self.of(node.right)
        if left.is_plain and right.is_plain:
            if left.cls in NUMBERS and right.cls in NUMBERS:
                return local(float) if left.cls is not right.cls or isinstance(node.op, ast.Div | ast.Pow) else left
            if left.cls is str or left == right:
                return local(left.cls)  # type: ignore[arg-type]
        return UNKNOWN

    def _of_boolop(self, node: ast.BoolOp) -> Type:
        result: Type | None = None
        for value in node.values:
            result = join(result, self.of(value))
        return result or UNKNOWN

    def _of_ifexp(self, node: ast.IfExp) -> Type:
        return join(self.of(node.body), self.of(node.orelse))

    def _of_namedexpr(self, node: ast.NamedExpr) -> Type:
        return self.of(node.value)

    def _of_subscript(self, node: ast.Subscript) -> Type:
        base = self.of(node.value)
        if isinstance(node.slice, ast.Slice):
            return base if base.cls in (list, tuple, str) else UNKNOWN
        if base.cls is dict and len(base.elements) == 2:
            return base.elements[1]
        if base.cls is tuple and len(base.elements) > 1:
            is_fixed = isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int)
            position = node.slice.value + 1 if is_fixed and node.slice.value >= 0 else 0  # type: ignore[attr-defined]
            return base.elements[position] if position < len(base.elements) else UNKNOWN
        return base.element if base.cls is not dict else UNKNOWN

    def _of_attribute(self, node: ast.Attribute) -> Type:
        owner = self.of(node.value)
        value = resolve_value(node, ModuleNames(self.unit, self.program))
        if value is not None and not isinstance(value, type) and owner.cls is types.ModuleType:
            return local(type(value))
        if owner.kind is Kind.LOCAL and owner.is_plain:
            return UNKNOWN
        return self.program.field_type(node.attr)

    def _of_await(self, node: ast.Await) -> Type:
        if isinstance(node.value, ast.Call):
            unit = self.callee(node.value)
            if unit is not None and unit.is_async:
                return Inference(unit, self.program).annotation(_original_returns(unit))
        return UNKNOWN

    def _of_call(self, node: ast.Call) -> Type:
        if isinstance(node.func, ast.Name) and self.is_builtin(node.func.id):
            return self._of_builtin(node.func.id, node)
        cls = resolve_value(node.func, ModuleNames(self.unit, self.program))
        if isinstance(cls, type):
            return entity(cls) if cls in self.program.entity_set else local(cls) if type(cls) is type else UNKNOWN
        if isinstance(node.func, ast.Attribute) and self.of(node.func.value).cls is str:
            result = STR_METHODS.get(node.func.attr)
            return local(result) if result else UNKNOWN
        unit = self.callee(node)
        if unit is not None and not unit.is_async and not unit.is_generator:
            return Inference(unit, self.program).annotation(_original_returns(unit))
        return UNKNOWN

    def _of_builtin(self, name: str, node: ast.Call) -> Type:
        if name in RESULTS:
            return local(RESULTS[name])
        if name in COPIES:
            element = self.element(node.args[0]) if node.args else UNKNOWN
            return local(COPIES[name]) if element.kind is Kind.UNKNOWN else local(COPIES[name], element)
        if name in ("min", "max") and len(node.args) == 1 and not any(k.arg == "default" for k in node.keywords):
            return self.element(node.args[0])
        if name in ("abs", "round") and node.args:
            operand = self.of(node.args[0])
            return operand if operand.cls in NUMBERS else UNKNOWN
        if name == "dict":
            return local(dict)
        return UNKNOWN

    def is_builtin(self, name: str) -> bool:
        """Tell whether a name is Python's own here: not a variable, not redefined by the module."""
        scope = self.unit.scope
        return name not in scope.bound and name not in scope.free and name not in self.unit.names

    def callee(self, node: ast.Call) -> FunctionUnit | None:
        """Return the unit that a call certainly reaches; None when it is not certain."""
        if isinstance(node.func, ast.Name):
            return self.program.unit_of(resolve_value(node.func, ModuleNames(self.unit, self.program)))
        if isinstance(node.func, ast.Attribute):
            receiver = self.of(node.func.value)
            if receiver.cls is not None and not receiver.is_plain:
                functions = unwrap(self.program.member(receiver.cls, node.func.attr))
                return self.program.unit_of(functions[0][0]) if functions else None
        return None

    def element(self, node: ast.expr) -> Type:
        """Return the type of what iterating over an expression gives."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and self.is_builtin(node.func.id):
            if node.func.id == "enumerate" and node.args:
                inner = self.element(node.args[0])
                return local(tuple, UNKNOWN, local(int), inner)
            if node.func.id == "zip":
                return local(tuple, UNKNOWN, *map(self.element, node.args))
            if node.func.id in ("reversed", "iter") and node.args:
                return self.element(node.args[0])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args:
            owner = self.of(node.func.value)
            if owner.cls is dict and len(owner.elements) == 2:
                pair = {"items": local(tuple, UNKNOWN, *owner.elements), "keys": owner.elements[0], "values": owner.elements[1]}
                return pair.get(node.func.attr, UNKNOWN)
        return self.of(node).element


def _original_returns(unit: FunctionUnit) -> ast.expr | None:
    return unit.node.returns if isinstance(unit.node, ast.FunctionDef | ast.AsyncFunctionDef) else None


class ModuleNames(dict[str, object]):
    """The names that resolve to fixed objects in a function: its module's, unless a variable hides them."""

    def __init__(self, unit: FunctionUnit, program: Program) -> None:
        super().__init__()
        self.unit = unit

    def get(self, name: str, default: object = None) -> Any:
        """Return what a name stands for; `default` for a variable and for an unknown name."""
        scope = self.unit.scope
        if name in scope.bound or name in scope.free:
            return default
        found = self.unit.names.get(name, default)
        if found is None and name not in self.unit.names:
            import builtins

            return getattr(builtins, name, default)
        return found


def infer_variables(unit: FunctionUnit, program: Program) -> None:
    """Fill `unit.env` with the types of its variables, and so for the functions nested in it."""
    inference = Inference(unit, program)
    fixed = _parameter_types(unit, inference)
    for node in unit.binders:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            fixed[node.target.id] = inference.annotation(node.annotation)
    unit.env.update(fixed)
    for _ in range(ROUNDS):
        found: dict[str, Type] = {}
        for node in unit.binders:
            _bind(node, inference, found)
        changed = {n: t for n, t in found.items() if n not in fixed and unit.env.get(n) != t}
        if not changed:
            break
        unit.env.update(changed)
    else:
        unit.env.update(dict.fromkeys(changed, UNKNOWN))
    for child in unit.children.values():
        infer_variables(child, program)


def _parameter_types(unit: FunctionUnit, inference: Inference) -> dict[str, Type]:
    if isinstance(unit.node, ast.GeneratorExp):
        return {}
    arguments = unit.node.args
    positional = arguments.posonlyargs + arguments.args
    result = {a.arg: inference.annotation(a.annotation) for a in positional + arguments.kwonlyargs}
    if arguments.vararg:
        element = inference.annotation(arguments.vararg.annotation)
        result[arguments.vararg.arg] = local(tuple) if element == UNKNOWN else local(tuple, element)
    if arguments.kwarg:
        result[arguments.kwarg.arg] = local(dict)
    if unit.owner is not None and unit.parent is None and positional and not unit.is_static:
        result[positional[0].arg] = local(type) if unit.is_class else local(unit.owner)
    return result


def _bind(node: ast.AST, inference: Inference, found: dict[str, Type]) -> None:
    def put(name: str, kind: Type) -> None:
        found[name] = join(found.get(name), kind)

    def assign(target: ast.expr, kind: Type) -> None:
        if isinstance(target, ast.Name):
            put(target.id, kind)
        elif isinstance(target, ast.Tuple | ast.List):
            fixed = kind.elements[1:] if kind.cls is tuple else ()
            exact = len(fixed) == len(target.elts) and not any(isinstance(t, ast.Starred) for t in target.elts)
            for index, part in enumerate(target.elts):
                assign(part, fixed[index] if exact else kind.element if not isinstance(part, ast.Starred) else local(list))
        elif isinstance(target, ast.Starred):
            assign(target.value, kind)

    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                assign(target, inference.of(value))
        case ast.AugAssign(target=ast.Name(id=name) as target):
            put(name, inference.of(ast.BinOp(ast.Name(name, ast.Load()), node.op, node.value)))
        case ast.NamedExpr(target=target, value=value):
            assign(target, inference.of(value))
        case ast.For(target=target, iter=iterable) | ast.comprehension(target=target, iter=iterable):
            assign(target, inference.element(iterable))
        case ast.AsyncFor(target=target):
            assign(target, UNKNOWN)
        case ast.With(items=items) | ast.AsyncWith(items=items):
            for item in items:
                if item.optional_vars is not None:
                    assign(item.optional_vars, UNKNOWN)
        case ast.ExceptHandler(name=str(name)):
            put(name, local(Exception))
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            for alias in aliases:
                put(alias.asname or alias.name.split(".")[0], UNKNOWN)
        case ast.MatchAs(name=str(name)) | ast.MatchMapping(rest=str(name)):
            put(name, UNKNOWN)
        case ast.MatchStar(name=str(name)):
            put(name, local(list))
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            put(name, UNKNOWN)
