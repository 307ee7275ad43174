"""The dataflow: compiled classes, independent of any engine."""

from __future__ import annotations

import functools
import hashlib
import re
import types
from collections import ChainMap, Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from uuid import UUID

from stateflow.compiler.analysis.library_names import library_functions
from stateflow.compiler.program import unwrap
from stateflow.compiler.trees import walk
from stateflow.core import prelude_native, prelude_table
from stateflow.core.digests import code_digest
from stateflow.dataflow.held import held_objects
from stateflow.dataflow.members import Member, Members
from stateflow.dataflow.naming import class_names, has_generated_init, is_sentinel
from stateflow.dataflow.stability import is_stable
from stateflow.entity import _by_key, delete
from stateflow.protocol.modules import imported_names, module_shape
from stateflow.protocol.values import ValueTypes
from stateflow.references import reference_type
from stateflow.renaming import former_function_names, former_methods, former_paths, former_qualnames

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from stateflow.compiler.analysis.read_only import ReadOnly
    from stateflow.compiler.program import Program
    from stateflow.core.frame import Code
    from stateflow.dataflow.schema import ClassSchema

__all__ = ["Dataflow", "Member"]

# The name of a function of the module or of a class, without what lies inside it.
_HEAD = re.compile(r"[^#/]+?(?=\.<locals>\.|[#/]|$)")
_OF_LIBRARY = (ChainMap, Counter, Fraction, UUID)
"""Storable classes of Python whose methods are functions, not builtin."""
_OF_STATEFLOW = {"by_key": _by_key, "delete": delete}
"""Functions that a variable may hold, as in `map(Item.by_key, names)`."""


class Dataflow:
    """Compiled entity classes. Made by `stateflow.init`; it does not change afterwards.

    Attributes:
        classes: the entity classes.
        by_name: the entity classes by their qualified names, the former ones too.
        reference_types: the reference class of each entity class.
        codes: the resumable form of each function that may suspend, by the function's code object.
        values: the closed table of what can be stored.
        members: what each entity class has under a name, for the steps that are taken most often; else see `member`.
        has_slots: whether entities of a class may keep attributes in slots.
        resumable_post_inits: the dataclasses whose `__post_init__` may suspend; their `__init__`, which calls it, is not compiled.
        may_change_key: whether a method of a class may change what `__key__` answers.
        program: what the compiler found out.
    """

    def __init__(
        self,
        program: Program,
        codes: dict[types.CodeType, Code],
        value_classes: Sequence[type],
        named_values: Mapping[type, str | None],
        native_codes: Mapping[str, tuple[types.CodeType, dict[str, Any]]],
    ) -> None:
        self.program = program
        self.classes = program.entities
        former = {name: cls for cls in self.classes for name in former_qualnames(cls)}
        self.by_name = {**former, **{cls.__qualname__: cls for cls in self.classes}}
        self.reference_types = {cls: reference_type(cls) for cls in self.classes}
        self.codes = codes
        self._former_functions = {u.name: former_function_names(f, u.owner) for f, u in program.units.items()}
        former_codes = {name: code for code in codes.values() for name in self._former_names(code.name)}
        self.codes_by_name = {**former_codes, **{code.name: code for code in codes.values()}}
        self.native_codes = native_codes
        self.values = ValueTypes(library_functions(program))
        self._named_codes: list[tuple[str, types.CodeType]] = []
        self._register(value_classes, named_values)
        self.held = held_objects(program, self.values)
        self.members = Members(codes)
        # What requests name, once it was looked up; see `core.root`.
        self.known_names: dict[tuple[type, str], str] = {}
        self.entity_dunders = bool(program.dunders)
        own = (*program.value_classes, *self.classes)
        self.value_dunders = frozenset(c for c in own if self._has_resumable_dunder(c))
        self.resumable_post_inits = frozenset(c for c in own if has_generated_init(c) and self.member(c, "__post_init__").code is not None)
        self.entity_functions = frozenset(
            m for c in self.classes for b in c.__mro__[:-1] for m in b.__dict__.values() if isinstance(m, types.FunctionType)
        )
        self._former_methods = {c: former_methods(c) for c in self.classes}
        self._schemas: dict[type, ClassSchema] = {}
        self.has_slots = {c: any("__slots__" in b.__dict__ for b in c.__mro__[:-1]) for c in self.classes}
        self.may_change_key = {cls: self._may_change_key(cls) for cls in self.classes}

    def _register(self, value_classes: Sequence[type], named_values: Mapping[type, str | None]) -> None:
        named = {**class_names(value_classes), **named_values}
        for cls, name in named.items():
            self.values.register_class(cls, name)
        for cls in self.classes:
            self.values.register_constant(f"entity class {cls.__qualname__}", cls)
        for unit in self.program.units.values():
            assert unit.function is not None
            self.values.register_constant(f"function {unit.name}", unit.function)
            self._register_globals(unit.names)
        for name, value in _OF_STATEFLOW.items():
            self.values.register_constant(f"stateflow {name}", value)
        for name, value in {**vars(prelude_native), **prelude_table.BY_NAME}.items():
            if isinstance(value, types.FunctionType) and id(value) not in self.values.constant_names:
                self.values.register_constant(f"prelude {name}", value)
        for cls in (*named, *_OF_LIBRARY):
            self._register_made_methods(cls)
        imported = {n for u in self.program.all_units() for n in imported_names(u.nodes, u.names.get("__package__"))}
        self.values.register_shape(types.ModuleType, module_shape(frozenset(imported)))
        names_of = {u.name: u.names for u in self.program.all_units()}
        for code_object, code in self.codes.items():
            self._register_code(code.name, code_object, names_of.get(code.name, {}))
        for name, (code_object, names) in self.native_codes.items():
            self._register_code(name, code_object, names)
        self._register_former(named)

    def _register_made_methods(self, cls: type) -> None:
        """Let the methods that a library made for a class be kept over a suspension, such as `_replace` of a named tuple."""
        shape = self.values.shapes.get(cls)
        if shape is None:
            return
        for base in cls.__mro__[:-1]:
            for name, member in vars(base).items():
                for function, _ in unwrap(member):
                    if id(function) not in self.values.constant_names:
                        self.values.register_constant(f"{shape.tag} method {base.__module__}.{base.__qualname__}.{name}", function)

    def _register_former(self, value_classes: Iterable[type]) -> None:
        """Let what was renamed be read by its former names; a name that something else has now is that one's."""
        for cls in value_classes:
            for name in former_paths(cls):
                self.values.register_former_class(cls, name)
        for cls in self.classes:
            for name in former_qualnames(cls):
                self.values.register_former(f"entity class {name}", cls)
        for unit in self.program.units.values():
            for name in self._former_names(unit.name):
                self.values.register_former(f"function {name}", unit.function)
        for name, code in self._named_codes:
            for former in self._former_names(name):
                self.values.register_former(f"code {former}", code)

    def _register_code(self, name: str, code: types.CodeType, names: dict[str, Any]) -> None:
        """Let functions made of some code be stored.

        The code of a function inside another one is named by what it does: after a change of the source, the number that it has there may
        be that of another one.
        """
        head = _HEAD.match(name)
        assert head is not None
        if head[0] != name:
            name = f"{name.partition('#')[0]}@{code_digest(code, (name,))}"
        self.values.register_code(f"code {name}", code, names)
        self._named_codes.append((name, code))

    def _register_globals(self, names: dict[str, Any]) -> None:
        module = names.get("__name__", "?")
        for name, value in names.items():
            if type(value) is object or isinstance(value, types.ModuleType) or is_sentinel(value, self.program.value_classes):
                self.values.register_constant(f"global {module}.{name}", value)

    def _may_change_key(self, cls: type) -> bool:
        """Tell whether a method may change what `__key__` answers, so that it must be compared."""
        import ast

        unit = self.program.unit_of(self.program.member(cls, "__key__"))
        if unit is None or self.program.is_open:
            return True
        names = set()
        for node in walk(unit.node):
            if isinstance(node, ast.Call):
                return True
            if isinstance(node, ast.Attribute):
                names.add(node.attr)
        return bool(names & self.program.reassigned_names)

    def _former_names(self, name: str) -> Iterator[str]:
        """Yield what a function, or one inside it, was called before."""
        head = _HEAD.match(name)
        for former in self._former_functions.get(head[0], ()) if head else ():
            yield former + name.removeprefix(head[0])  # type: ignore[index]

    def method_name(self, cls: type, name: str) -> str:
        """Return the present name of a method that a request names, perhaps by a former one."""
        return self._former_methods[cls].get(name, name)

    def names_of_method(self, cls: type, name: str) -> tuple[str, ...]:
        """Return all names of the member that a name, perhaps a former one, means: the present one first."""
        present = self.method_name(cls, name)
        return (present, *(former for former, known in self._former_methods[cls].items() if known == present))

    def names_of_class(self, cls: type) -> tuple[str, ...]:
        """Return all names of a class, the present one first."""
        return (cls.__qualname__, *former_qualnames(cls))

    def schema(self, cls: type) -> ClassSchema:
        """Return what states of a class hold, and the version that they are written with."""
        schema = self._schemas.get(cls)
        if schema is None:
            from stateflow.compiler.analysis.schema import class_schema, mentioned_names

            mentioned, values = mentioned_names(self.program), self.values.declared_fields()
            self._schemas = {known: class_schema(known, self.program, mentioned, values) for known in self.classes}
            schema = self._schemas[cls]
        return schema

    def _has_resumable_dunder(self, cls: type) -> bool:
        names = {n for base in cls.__mro__ for n in base.__dict__ if n.startswith("__")} - {"__init__", "__call__"}
        return any(self.member(cls, name).code is not None for name in names)

    def member(self, cls: type, name: str) -> Member:
        """Return what a class has under a name."""
        named = (cls, name)
        # A dict with `__missing__` finds by `get` three times as fast.
        return self.members.get(named) or self.members[named]

    def is_read_only(self, cls: type, name: str) -> bool:
        """Tell whether it is proved that a method, a property or an attribute changes no entity when a client asks for it.

        An entity whose state is not stable may change all the same; see `is_stable`.

        Args:
            cls: the entity class.
            name: the name of the member.
        """
        member = self.members[cls, name]
        if member.is_read_only is None:
            member.is_read_only = member.is_plain or self.read_only.write_of(cls, name) is None
        return member.is_read_only

    def is_stable(self, state: dict[str, Any]) -> bool:
        """Tell whether a state stays as it is when read-only methods read it.

        Args:
            state: the attributes of an entity, by name.
        """
        return is_stable(self.program, state)

    @functools.cached_property
    def read_only(self) -> ReadOnly:
        """The proofs that methods change no entity."""
        from stateflow.compiler.analysis.read_only import ReadOnly

        return ReadOnly(self.program)

    def member_kind(self, cls: type, name: str) -> str | None:
        """Return "method" or "attribute"; None when entities of the class have nothing of that name."""
        member = self.member(cls, name)
        if member.is_method:
            return "method"
        if member.exists or self.program.may_be_remote_name(name):
            return "attribute"
        return None

    def prepare(self) -> None:
        """Generate the code of every method now. It is generated at the first use else, which then takes some milliseconds longer."""
        for code in self.codes.values():
            code.prepare()

    def version(self) -> str:
        """Return a digest of the compiled classes; frames of one version are not read by another."""
        self.prepare()
        text = "\n".join(sorted(f"{c.name} {sorted(c.live.items())}" for c in self.codes.values()))
        return hashlib.sha256(text.encode()).hexdigest()[:16]
