"""The members that a name may mean in the closed world, and what reading or assigning an attribute runs."""

from __future__ import annotations

import ast
import functools
import inspect
import sys
import types
from typing import TYPE_CHECKING, Any, NamedTuple

from stateflow.compiler.analysis.library_effects import IMMUTABLE
from stateflow.compiler.analysis.origins import ATOM, STATE, Form, Origin, Value, container, element, join
from stateflow.compiler.program import unwrap
from stateflow.compiler.types import Kind, Type
from stateflow.references import is_dunder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stateflow.compiler.analysis.read_only_body import Body, Summary
    from stateflow.compiler.program import Program
    from stateflow.compiler.unit import FunctionUnit

    Summarize = Callable[[FunctionUnit, tuple[tuple[str, Value], ...]], Summary]

__all__ = ["Given", "Members"]


class Given(NamedTuple):
    """The arguments of a call. `is_exact` says that nothing is unpacked, so that it is known which parameter gets which."""

    positional: tuple[Value, ...] = ()
    named: tuple[tuple[str, Value], ...] = ()
    is_exact: bool = True

    @property
    def all(self) -> tuple[Value, ...]:
        """All arguments."""
        return (*self.positional, *(v for _, v in self.named))

    def after(self, value: Value) -> Given:
        """Return the arguments with one more at the front."""
        return self._replace(positional=(value, *self.positional))


class Members:
    """The members of all classes of the closed world, by name.

    Args:
        program: the analysed program.
        summarize: tells what a call of a function with certain arguments does.
    """

    def __init__(self, program: Program, summarize: Summarize) -> None:
        self.program = program
        self._summarize = summarize
        self._known = tuple(program.known_classes)
        bases = dict.fromkeys(b for cls in self._known for b in cls.__mro__ if b.__module__ != "builtins")
        self._members: dict[str, list[tuple[type, object]]] = {}
        for base in bases:
            for name, member in base.__dict__.items():
                self._members.setdefault(name, []).append((base, member))
        annotated = {n for base in bases for n in inspect.get_annotations(base)}
        self.held_names = program.stored_names | annotated
        self._exact: dict[type, bool] = {}

    def with_type(self, value: Value, kind: Type) -> Value:
        """Return a value of which the type is known. Annotations are trusted, as everywhere, for classes that the user has not extended."""
        cls = kind.cls
        if kind.kind is not Kind.LOCAL or cls is None or not self._is_exact(cls):
            return value
        if cls in IMMUTABLE:
            return ATOM
        return value._replace(form=Form.BUILTIN) if kind.is_plain else value

    def _is_exact(self, cls: type) -> bool:
        known = self._exact.get(cls)
        if known is None:
            known = self._exact[cls] = not any(issubclass(c, cls) for c in self._known)
        return known

    def is_library_class(self, cls: type) -> bool:
        """Tell whether a class is of an installed package, which is neither Python's own nor the user's."""
        return cls.__module__.partition(".")[0] not in sys.stdlib_module_names and cls not in self._known

    # Functions.

    def enter(self, body: Body, node: Any, unit: FunctionUnit, given: Given) -> Value:
        """Look at a call of a function of the user."""
        summary = self._summarize(unit, bind(unit, given))
        if summary.write is not None:
            body.refuse(node, f"calls {unit.qualname}", summary.write.cause or summary.write)
        body.put_into(Value(Origin.FRESH, summary.stored, Form.ANY))
        return summary.result

    def enter_member(self, body: Body, node: Any, cls: type, member: object, given: Given) -> Value:
        """Look at a call of a method: `given` has its object first."""
        result = ATOM
        for function, flags in unwrap(member):
            unit = self.program.unit_of(function)
            if unit is None:
                body.refuse(node, f"calls {cls.__name__}.{function.__name__}, of which nothing is known")
            rest = given._replace(positional=given.positional[1:])
            result = join(result, self.enter(body, node, unit, rest if flags.get("is_static") else given))
        return result

    def named(self, body: Body, receiver: ast.expr, name: str) -> list[tuple[type, object]]:
        """Return the members that a name may mean on a receiver: all of this name, unless it is surely the method's own object."""
        if isinstance(receiver, ast.Name) and receiver.id == body.self_name and body.top.owner is not None:
            found = [_first(cls.__mro__, name) for cls in self._extending(body.top.owner)]
            return [pair for pair in dict.fromkeys(found) if pair is not None]
        return self._members.get(name, [])

    def inherited(self, body: Body, name: str) -> list[tuple[type, object]]:
        """Return what `super().name` may mean."""
        owner = body.top.owner
        assert owner is not None
        found = [_first(cls.__mro__[cls.__mro__.index(owner) + 1 :], name) for cls in self._extending(owner)]
        return [pair for pair in dict.fromkeys(found) if pair is not None]

    def _extending(self, owner: type) -> list[type]:
        return [cls for cls in self._known if issubclass(cls, owner)]

    # What syntax runs.

    def call_dunders(self, body: Body, node: Any, names: Iterable[str], value: Value) -> Value:
        """Look at all methods of these names, called on a value and with it."""
        result = ATOM
        for name in sorted(names):
            for _, unit in self._units(name):
                parameters = getattr(unit.node.args, "args", ())
                result = join(result, self.enter(body, node, unit, Given((value,) * len(parameters))))
        return result

    def _units(self, name: str) -> Iterator[tuple[type, FunctionUnit]]:
        for cls, member in self._members.get(name, ()):
            for function, _ in unwrap(member):
                unit = self.program.unit_of(function)
                if unit is not None:
                    yield cls, unit

    def has_dunder(self, name: str) -> bool:
        """Tell whether a class of the user has a special method."""
        return is_dunder(name) and any(self._units(name))

    def call_getters(self, body: Body, node: ast.Attribute, owner: Value) -> Value:
        """Look at what reading an attribute may run."""
        if owner.form is not Form.ANY:
            return ATOM
        result = self.call_dunders(body, node, ("__getattr__", "__getattribute__"), owner)
        for cls, member in self.named(body, node.value, node.attr):
            result = join(result, self._call_getter(body, node, cls, member, owner))
        return result

    def call_getters_of(self, body: Body, node: Any, names: Iterable[str], owner: Value, *, with_match_args: bool) -> None:
        """Look at what a class pattern reads; with positional parts, what any class names in `__match_args__`."""
        self.call_dunders(body, node, ("__getattr__", "__getattribute__"), owner)
        positional = [n for _, given in self._members.get("__match_args__", ()) if isinstance(given, tuple) for n in given]
        for name in dict.fromkeys((*names, *(positional if with_match_args else ()))):
            for cls, member in self._members.get(name, ()):
                self._call_getter(body, node, cls, member, owner)

    def _call_getter(self, body: Body, node: Any, cls: type, member: object, owner: Value) -> Value:
        match member:
            case functools.cached_property():
                body.refuse(node, f"reads {cls.__name__}.{member.attrname}, which is kept when it is first read")
            case property(fget=getter) if getter is not None and not self.is_library_class(cls):
                return self.enter_member(body, node, cls, getter, Given((owner,)))
            case property() if self.is_library_class(cls):
                body.refuse(node, f"reads a property of {cls.__name__}, of which nothing is known")
        if self._is_user_object(member) and hasattr(type(member), "__get__"):
            body.refuse(node, f"reads an attribute that {type(member).__name__} computes")
        return ATOM

    def call_setters(self, body: Body, node: ast.Attribute, owner: Value, value: Value) -> None:
        """Look at what assigning or deleting an attribute may run."""
        self.call_dunders(body, node, ("__setattr__", "__delattr__"), join(owner, value))
        for cls, member in self.named(body, node.value, node.attr):
            if isinstance(member, property):
                for function in (member.fset, member.fdel):
                    if function is not None:
                        self.enter_member(body, node, cls, function, Given((owner, value)[: 1 + (function is member.fset)]))
            elif self._is_user_object(member) and (hasattr(type(member), "__set__") or hasattr(type(member), "__delete__")):
                body.refuse(node, f"assigns an attribute that {type(member).__name__} computes")

    def _is_user_object(self, member: object) -> bool:
        return not isinstance(member, type | types.FunctionType) and type(member) in self.program.value_classes


def _first(classes: Iterable[type], name: str) -> tuple[type, object] | None:
    for cls in classes:
        if name in cls.__dict__:
            return cls, _hashable(cls.__dict__[name])
    return None


def _hashable(member: object) -> object:
    try:
        hash(member)
    except TypeError:
        return type(member)
    return member


def bind(unit: FunctionUnit, given: Given) -> tuple[tuple[str, Value], ...]:
    """Return what each parameter of a function gets. One that is left out has its default, which is nobody's but the function's."""
    arguments = unit.node.args
    positional = [a.arg for a in arguments.posonlyargs + arguments.args]
    keyword = [a.arg for a in arguments.kwonlyargs]
    everything = join(*given.all, *map(element, given.all)) if not given.is_exact else ATOM
    named = dict(given.named)
    defaults = _defaults(arguments)
    found: dict[str, Value] = {}
    for index, name in enumerate((*positional, *keyword)):
        if not given.is_exact:
            found[name] = join(everything, defaults.get(name, ATOM))
        elif index < len(given.positional) and index < len(positional):
            found[name] = given.positional[index]
        else:
            found[name] = named.pop(name, defaults.get(name, STATE))
    rest = given.positional[len(positional) :] if given.is_exact else (everything,)
    if arguments.vararg is not None:
        found[arguments.vararg.arg] = container(*rest)
    if arguments.kwarg is not None:
        found[arguments.kwarg.arg] = container(*named.values(), everything)
    return tuple(found.items())


def _defaults(arguments: ast.arguments) -> dict[str, Value]:
    positional = arguments.posonlyargs + arguments.args
    pairs = [*zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True)]
    pairs += [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None]
    return {a.arg: ATOM if isinstance(d, ast.Constant) else STATE for a, d in pairs}
