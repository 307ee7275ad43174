"""What the calls of a function do, as far as the read-only proof must know."""

from __future__ import annotations

import abc
import ast
import builtins
import enum
import operator
import types
from typing import TYPE_CHECKING, Any

from stateflow.compiler.analysis import dunders
from stateflow.compiler.analysis.library_effects import MUTATORS, READERS, Use, called_arguments, use_of
from stateflow.compiler.analysis.origins import ATOM, CROSSED, STATE, Form, Origin, Value, container, element, join
from stateflow.compiler.analysis.read_only_members import Given, Members
from stateflow.entity import _by_key, delete

if TYPE_CHECKING:
    from stateflow.compiler.analysis.read_only_body import Body
    from stateflow.compiler.unit import FunctionUnit

__all__ = ["Closed"]

_ATTRIBUTES = frozenset({getattr, hasattr})
_MADE_FROM_NOTHING = frozenset({list, dict, set, tuple, frozenset, str, int, float, bool, bytes})
# Special methods of Python's own classes that `super()` may be asked for.
_INHERITED = frozenset(f"__{n}__" for n in "len eq ne lt le gt ge hash repr str format contains getitem iter bool int float".split())
_METACLASSES = (type, abc.ABCMeta, enum.EnumMeta)


class Closed(Members):
    """The closed world: the members of its classes, and what calls do in it."""

    def look_inside(self, body: Body, node: Any) -> None:
        """Look at a function that is made here as if it were called, with anything."""
        unit = _child(body, node)
        arguments = node.args
        body.of_all([*arguments.defaults, *arguments.kw_defaults])
        extra = [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
        for parameter in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *extra):
            body.learn(body.env, parameter.arg, STATE)
        body.look_inside(unit)

    def call(self, body: Body, node: ast.Call) -> Value:
        """Look at a call."""
        function = node.func
        if isinstance(function, ast.Name) and function.id == "super" and len(node.args) == 2 and not body.is_variable("super"):
            return body.of(node.args[1])
        given = _given(body, node)
        if isinstance(function, ast.Lambda):
            body.of(function)
            return body.results.get(_child(body, function).name, ATOM)
        if isinstance(function, ast.Name) and body.is_variable(function.id):
            return self._call_variable(body, function)
        known = body.resolve(function)
        if known is not None:
            return self._call_known(body, node, known, given)
        if isinstance(function, ast.Attribute):
            return self._call_method(body, node, function, given)
        body.refuse(node, f"calls {ast.unparse(function)}, of which nothing is known")

    def _call_variable(self, body: Body, function: ast.Name) -> Value:
        """Look at a call of a function that was made here; it was looked at where it was made."""
        made = _made_here(body, function.id)
        if made is None:
            body.refuse(function, f"calls what the variable {function.id} holds")
        return body.results.get(made.name, ATOM)

    def _call_known(self, body: Body, node: ast.Call, function: Any, given: Given) -> Value:
        """Look at a call of what a name of the module stands for."""
        if getattr(function, "__func__", None) is _by_key:
            return CROSSED
        unit = self.program.unit_of(getattr(function, "__func__", function))
        if unit is not None:
            return self._call_function(body, node, unit, function, given)
        use = use_of(function)
        if use is not None:
            return self._call_library(body, node, function, use, given)
        if isinstance(function, type):
            return self._construct(body, node, function, given)
        if function in _ATTRIBUTES and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
            read = ast.copy_location(ast.Attribute(node.args[0], str(node.args[1].value), ast.Load()), node)
            return join(body.of(read), *given.positional[2:]) if function is getattr else body.of(read)
        if function is delete:
            body.refuse(node, "deletes an entity")
        body.refuse(node, f"calls {ast.unparse(node.func)}, of which nothing is known")

    def _call_function(self, body: Body, node: ast.Call, unit: FunctionUnit, function: Any, given: Given) -> Value:
        if isinstance(function, types.MethodType):
            return self.enter(body, node, unit, given.after(ATOM))
        if unit.owner is not None and not unit.is_static:
            first = node.args[0] if node.args else None
            is_own = isinstance(first, ast.Name) and first.id == body.self_name and issubclass(body.top.owner or object, unit.owner)
            if not is_own:
                body.refuse(node, f"calls {unit.qualname} on what may be of another class")
        return self.enter(body, node, unit, given)

    def _call_library(self, body: Body, node: ast.Call, function: Any, use: Use, given: Given) -> Value:
        if function is type and len(node.args) != 1:
            body.refuse(node, "makes a class, of which nothing is known")
        for argument in called_arguments(function, node):
            self._call_argument(body, argument)
        own = getattr(builtins, getattr(function, "__name__", ""), None) is function
        names = dunders.BUILTINS.get(function.__name__, frozenset()) if own else dunders.ALL_DUNDERS
        ran = body.call_all_dunders(node, names | dunders.EQUALITY | {"__hash__"}, *given.all)
        match use:
            case Use.ANSWERS:
                return ran
            case Use.COLLECTS:
                direct = given.positional[1:] if function is sum else ()
                held = STATE if called_arguments(function, node) else ATOM
                return join(container(*given.all, ran, held), *direct)
            case Use.PICKS:
                held = STATE if called_arguments(function, node) else ATOM
                return join(*given.all, *map(element, given.all), *map(element, map(element, given.all)), ran, held)
            case Use.COPIES:
                return Value(Origin.CROSSED, max(Origin.CROSSED, join(*given.all).reach), Form.ANY)
            case Use.TAKES:
                if not given.positional or given.positional[0].itself is Origin.STATE:
                    body.refuse(node, "takes an element out of an iterator that may be the state of an entity")
                return join(element(given.positional[0]), *given.positional[1:], ran)

    def _call_argument(self, body: Body, argument: ast.expr) -> None:
        """Look at a function that is given to one of Python's own, which calls it with anything."""
        if isinstance(argument, ast.Lambda) or (isinstance(argument, ast.Constant) and not callable(argument.value)):
            body.of(argument)
            return
        if isinstance(argument, ast.Name) and body.is_variable(argument.id) and _made_here(body, argument.id) is not None:
            return
        if isinstance(argument, ast.Call) and body.resolve(argument.func) is operator.itemgetter:
            return
        call = ast.copy_location(ast.Call(argument, [ast.Starred(_anything(argument), ast.Load())], []), argument)
        if not (isinstance(argument, ast.Attribute) or body.resolve(argument) is not None):
            body.refuse(argument, f"calls {ast.unparse(argument)}, of which nothing is known")
        known = body.resolve(argument)
        given = Given((STATE,), (), False)
        if known is not None:
            self._call_known(body, call, known, given)
        else:
            assert isinstance(argument, ast.Attribute)
            self._call_method(body, call, argument, given)

    def _construct(self, body: Body, node: ast.Call, cls: type, given: Given) -> Value:
        """Look at how an object of a class is made."""
        if cls in self.program.entity_set:
            body.refuse(node, f"creates {cls.__name__}")
        made = Value(Origin.FRESH, join(*given.all).reach, Form.ANY)
        if cls.__module__ == "builtins" and issubclass(cls, BaseException):
            return made
        is_known = cls in self.program.value_classes and type(cls) in _METACLASSES
        if not is_known or any(map(self.is_library_class, cls.__mro__)) or _has_factories(cls):
            body.refuse(node, f"makes an object of {cls.__name__}, of which nothing is known")
        made = made._replace(content=max(made.content, join(*map(element, given.all)).reach))
        for name in ("__new__", "__init__", "__post_init__", "_missing_"):
            unit = self.program.unit_of(getattr(self.program.member(cls, name), "__func__", self.program.member(cls, name)))
            if unit is not None:
                first = STATE if name in ("__new__", "_missing_") else made
                made = join(made, self.enter(body, node, unit, given.after(first) if name != "__post_init__" else Given((made,))))
        return made

    def _call_method(self, body: Body, node: ast.Call, function: ast.Attribute, given: Given) -> Value:
        """Look at `receiver.name(...)`."""
        name, receiver = function.attr, body.of(function.value)
        is_super = isinstance(function.value, ast.Call) and ast.unparse(function.value.func) == "super"
        if is_super:
            members = self.inherited(body, name)
        elif receiver.form is Form.ANY:
            members = self.named(body, function.value, name)
        else:
            members = []
        result = ATOM
        is_users = False
        for cls, member in members:
            if cls.__module__ == "builtins":
                continue
            is_users = True
            if not isinstance(member, types.FunctionType | staticmethod | classmethod):
                body.refuse(node, f"calls what {cls.__name__}.{name} holds")
            result = join(result, self.enter_member(body, node, cls, member, given.after(receiver)))
        if receiver.form is Form.ANY and name in self.held_names:
            body.refuse(node, f"calls what the attribute {name} may hold")
        is_own = is_users and (is_super or self.named(body, function.value, name) is not self._members.get(name))
        if is_own or (is_users and name not in MUTATORS | READERS):
            return result
        return join(result, self._call_builtin_method(body, node, receiver, name, given, is_super=is_super))

    def _call_builtin_method(self, body: Body, node: ast.Call, receiver: Value, name: str, given: Given, *, is_super: bool) -> Value:
        """Look at a method of one of Python's own classes."""
        ran = body.call_all_dunders(node, dunders.METHODS.get(name, frozenset()) | dunders.EQUALITY | {"__hash__"}, receiver, *given.all)
        for keyword in node.keywords:
            if keyword.arg == "key":
                self._call_argument(body, keyword.value)
        if name in MUTATORS:
            if receiver.itself is Origin.STATE:
                body.refuse(node, f"calls {name} on what may be the state of an entity")
            body.put_into(*given.all, *map(element, given.all))
            return join(element(receiver), *given.positional[1:], ran)
        if is_super and name == "__init__" and receiver.itself is Origin.FRESH:
            body.put_into(*given.all)
            return ATOM
        if name in READERS:
            held = container(receiver, element(receiver), *given.all, ran)
            return join(element(receiver), *given.positional[1:], ran) if name == "get" else ATOM if receiver.form is Form.ATOM else held
        if is_super and name in _INHERITED:
            return join(STATE, body.call_dunders(node, {name}, element(receiver), *given.all))
        body.refuse(node, f"calls {name}, of which nothing is known")


def _given(body: Body, node: ast.Call) -> Given:
    is_exact = not any(isinstance(a, ast.Starred) for a in node.args) and all(k.arg for k in node.keywords)
    positional = tuple(body.of_all(node.args))
    named = tuple((k.arg or "", body.of(k.value) if k.arg else element(body.of(k.value))) for k in node.keywords)
    return Given(positional, named, is_exact)


def _anything(at: ast.AST) -> ast.expr:
    return ast.copy_location(ast.Constant(None), at)


def _child(body: Body, node: Any) -> FunctionUnit:
    for unit in body.top.family():
        if id(node) in unit.children:
            return unit.children[id(node)]
    raise AssertionError("a function inside is among the children of the one around it")


def _made_here(body: Body, name: str) -> FunctionUnit | None:
    """Return the one function inside that a variable can hold."""
    made = [u for u in body.top.family() if u is not body.top and getattr(u.node, "name", None) == name]
    return made[0] if len(made) == 1 and name not in body.top.stored_names and name not in body.top.scope.free else None


def _has_factories(cls: type) -> bool:
    """Tell whether making an object may call functions that make defaults, or functions of a package."""
    fields = getattr(cls, "__dataclass_fields__", {}).values()
    made = [f.default_factory for f in fields if callable(f.default_factory)]
    return hasattr(cls, "__attrs_attrs__") or not _MADE_FROM_NOTHING.issuperset(made)
