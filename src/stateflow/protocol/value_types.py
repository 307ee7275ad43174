"""The closed table of storable types of one flow. What is not in it can be neither written nor named by bytes."""

from __future__ import annotations

from enum import Enum, Flag
from types import FunctionType
from typing import TYPE_CHECKING, Any

from stateflow.errors import ConfigurationError, MalformedBytes, UnstorableValue
from stateflow.protocol.atoms import ATOM_SHAPES
from stateflow.protocol.classes import class_shape
from stateflow.protocol.containers import CONTAINER_SHAPES
from stateflow.protocol.exceptions import exception_shape, known_exceptions
from stateflow.protocol.functions import CALLABLE_SHAPES, function_shape, known_callables
from stateflow.protocol.hash_iterators import HASH_ITERATOR_SHAPES
from stateflow.protocol.iterators import ITERATOR_SHAPES
from stateflow.protocol.library import LIBRARY_SHAPES
from stateflow.protocol.library_functions import LibraryFunctions
from stateflow.protocol.older_objects import field_names
from stateflow.protocol.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

__all__ = ["BUILTIN_SHAPES", "ValueTypes"]

BUILTIN_SHAPES: dict[type, Shape] = {
    **ATOM_SHAPES,
    **CONTAINER_SHAPES,
    **ITERATOR_SHAPES,
    **HASH_ITERATOR_SHAPES,
    **CALLABLE_SHAPES,
    **LIBRARY_SHAPES,
}


class ValueTypes:
    """The closed table of storable types of one flow."""

    def __init__(self, library: frozenset[str] = frozenset()) -> None:
        self.library = LibraryFunctions(library)
        self.shapes: dict[type, Shape] = {}
        self.by_tag: dict[str, Shape] = {}
        self.refusals: dict[type, str] = {}
        self._constants: dict[str, object] = {}
        self.constant_names: dict[int, str] = {}
        self.constant_shape = Shape("constant", self._name_constant, self._find_constant)
        self.by_tag[self.constant_shape.tag] = self.constant_shape
        self._globals_of: dict[int, dict[str, Any]] = {}
        self.enums: dict[str, type[Enum]] = {}
        self._register_python()

    def _register_python(self) -> None:
        for singleton in (Ellipsis, NotImplemented):
            self.register_constant(f"builtin {singleton!r}", singleton)
        for name, value in known_callables():
            self.register_constant(name, value)
        for cls in BUILTIN_SHAPES:
            if id(cls) not in self.constant_names:
                self.register_constant(f"class {cls.__module__}.{cls.__qualname__}", cls)
        self.shapes.update(BUILTIN_SHAPES)
        self.register_shape(FunctionType, function_shape(self._globals_of, self.library))
        self.by_tag.update((shape.tag, shape) for shape in self.shapes.values())
        for name, error in known_exceptions():
            self.register_class(error, name)

    def register_class(self, cls: type, name: str | None = None) -> None:
        """Let objects of exactly this class, and the class itself, be stored.

        Args:
            cls: the class.
            name: names it in bytes; it must stay the same when the class is renamed. By default its module and qualified name.
        """
        if name is None:
            name = f"{cls.__module__}.{cls.__qualname__}"
        self.register_constant(f"class {name}", cls)
        if cls in self.shapes:
            return
        if issubclass(cls, Enum):
            self._register_enum(cls, name)
            return
        derive: Callable[[Any, str], Shape] = exception_shape if issubclass(cls, BaseException) else class_shape
        try:
            self.register_shape(cls, derive(cls, f"class {name}"))
        except UnstorableValue as error:
            self.refusals[cls] = error.reason

    def _register_enum(self, cls: type[Enum], name: str) -> None:
        # As keys name it.
        self.enums[f"{cls.__module__}.{cls.__qualname__}"] = cls
        for member in dict.fromkeys(cls.__members__.values()):
            self.register_constant(f"enum {name}.{member.name}", member)
        if issubclass(cls, Flag):
            self.register_shape(cls, Shape(f"class {name}", lambda v: (v.value,), lambda c: cls(*c)))

    def register_constant(self, name: str, value: object) -> None:
        """Let one object be stored by name: reading gives this very object.

        Raises:
            ConfigurationError: the name is taken by another object.
        """
        known = self._constants.setdefault(name, value)
        if known is not value:
            raise ConfigurationError(f"SF540: two different constants are named {name!r}")
        self.constant_names.setdefault(id(value), name)

    def register_former(self, name: str, value: object) -> None:
        """Let an object also be read by a name that it had before; a name that another object has is that one's."""
        self._constants.setdefault(name, value)

    def register_former_class(self, cls: type, name: str) -> None:
        """Let a class, its objects and its members also be read by a name that the class had before, as `module.Class`."""
        self.register_former(f"class {name}", cls)
        if issubclass(cls, Enum):
            for member in cls.__members__.values():
                self.register_former(f"enum {name}.{member.name}", member)
        shape = self.shapes.get(cls)
        if shape is not None:
            self.by_tag.setdefault(f"class {name}", shape)

    def declared_fields(self) -> dict[str, str]:
        """Return the fields of each class that declares some, as text, by all names of the class."""
        classes = {name.removeprefix("class "): cls for name, cls in self._constants.items() if name.startswith("class ")}
        declared = {name: field_names(cls) for name, cls in classes.items() if cls in self.shapes and cls not in BUILTIN_SHAPES}
        return {name: " ".join(fields) for name, fields in declared.items() if fields is not None}

    def register_code(self, name: str, code: CodeType, globals_dict: dict[str, Any]) -> None:
        """Let functions made of this code, such as closures, be stored.

        Args:
            name: names the code in bytes; several code objects that do the same may share it.
            code: the code object that such functions share.
            globals_dict: the globals of the module where it is defined.
        """
        self._constants.setdefault(name, code)
        self.constant_names.setdefault(id(code), name)
        self._globals_of[id(code)] = globals_dict

    def register_shape(self, cls: type, shape: Shape) -> None:
        """Let objects of exactly this class be stored by `shape`.

        Raises:
            ConfigurationError: another class has a shape with this tag.
        """
        known = self.by_tag.get(shape.tag)
        if known is not None and known is not self.shapes.get(cls):
            raise ConfigurationError(f"SF540: two shapes are tagged {shape.tag!r}")
        self.by_tag[shape.tag] = shape
        self.shapes[cls] = shape

    def _name_constant(self, value: object) -> tuple[str]:
        return (self.constant_names[id(value)],)

    def _find_constant(self, children: Any) -> object:
        (name,) = children
        if name not in self._constants:
            raise MalformedBytes(f"SF511: {name!r} is no function, class or constant of this flow; was it renamed, moved or changed?")
        return self._constants[name]
