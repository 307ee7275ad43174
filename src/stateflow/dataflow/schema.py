"""Versions of classes: by which code a state was written, and what it takes to go on with it.

A state is read in three ways. Its class is as it was: nothing happens. The class has changed in a way that the source explains: fields that
`__init__` now sets are filled, fields that nothing mentions any more are dropped. Else `__upgrade__` of the class decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["Adapted", "ClassSchema", "ClassVersion"]


class ClassVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an entity class, as it is stored beside the states that it wrote.

    Attributes:
        class_name: the class's qualified name.
        number: the class's own `__version__`; 0 when it has none.
        fields: the fields, each with its annotation as text, empty where it has none.
        digest: equal for two versions exactly when their states need no upgrade: of the fields, and of `__version__` or else `__upgrade__`.
        code: a digest of the source of all methods.
        values: the fields of each value class that a state may hold objects of, as text.
    """

    class_name: str
    number: int = 0
    fields: dict[str, str] = {}
    digest: str = ""
    code: str = ""
    values: dict[str, str] = {}

    @property
    def label(self) -> str:
        """How the version is named to people."""
        return f"version {self.number or self.digest[:8]} of {self.class_name}"


class Adapted(msgspec.Struct):
    """A state as the present class takes it over.

    Attributes:
        state: the attributes.
        missing: fields that every new object has, this state lacks, and whose value depends on arguments of `__init__`.
    """

    state: dict[str, Any]
    missing: tuple[str, ...]


class ClassSchema(msgspec.Struct, frozen=True, kw_only=True):
    """What the compiler knows of the state of one entity class.

    Attributes:
        cls: the class.
        version: the version that its states are written with.
        created: the fields that `__init__` always sets, each with what makes its value; None where it depends on arguments.
        kinds: the classes that each annotated field's value is an object of, where the annotation says it plainly.
        mentioned: the attribute names that some method reads or writes; None when names are computed.
        private_prefixes: how private names began before a class was renamed, and begin now.
        upgrade: the class's `__upgrade__`.
        upgrade_takes_number: whether it takes the stored `__version__` too.
    """

    cls: type
    version: ClassVersion
    created: dict[str, Any]
    kinds: dict[str, tuple[type, ...]]
    mentioned: frozenset[str] | None
    private_prefixes: tuple[tuple[str, str], ...] = ()
    upgrade: Callable[..., Any] | None = None
    upgrade_takes_number: bool = False

    def is_current(self, stored: ClassVersion) -> bool:
        """Tell whether states of a stored version are taken over as they are."""
        return stored.class_name == self.version.class_name and not self.differs(stored)

    def differs(self, stored: ClassVersion) -> bool:
        """Tell whether the fields of a stored version, or of the objects in its states, are others."""
        return stored.digest != self.version.digest or bool(self.changed_values(stored))

    def changed_values(self, stored: ClassVersion) -> tuple[str, ...]:
        """Return the value classes, as a stored version names them, whose fields have changed."""
        present = self.version.values
        return tuple(name for name, fields in stored.values.items() if name in present and present[name] != fields)

    def needs_upgrade(self, stored: ClassVersion) -> bool:
        """Tell whether `__upgrade__` is called for states of a stored version.

        A class that numbers its versions is asked for states of lower numbers, another one for states of any other version.
        """
        if self.upgrade is None:
            return False
        if self.version.number:
            return stored.number < self.version.number
        return stored.digest != self.version.digest

    def obstacles(self, stored: ClassVersion) -> tuple[str, ...]:
        """Return the fields that states of a stored version lack and for which nobody can tell a value."""
        if stored.digest == self.version.digest or self.needs_upgrade(stored):
            return ()
        return self._missing({self.present_name(name) for name in stored.fields})

    def present_name(self, name: str) -> str:
        """Return the name that a stored attribute has now: private names begin with the name of their class."""
        for former, present in self.private_prefixes:
            if name.startswith(former):
                return present + name.removeprefix(former)
        return name

    def adapt(self, state: Mapping[str, Any], stored: ClassVersion) -> Adapted:
        """Return the attributes of an object whose state another version wrote, before `__upgrade__`.

        Args:
            state: the stored attributes; the dict stays as it is.
            stored: the version that wrote them.
        """
        known = {self.present_name(name) for name in stored.fields}
        named = {self.present_name(name): value for name, value in state.items()}
        kept = {name: value for name, value in named.items() if not self._is_gone(name, known)}
        # What the stored version had too was deleted by a method: it stays deleted.
        missing = self._missing(kept.keys() | known)
        for name, make in self.created.items():
            if make is not None and name not in kept and name not in known:
                kept[name] = make()
        return Adapted(kept, missing)

    def wrong_kinds(self, state: Mapping[str, Any], stored: ClassVersion) -> tuple[str, ...]:
        """Return the fields whose annotation has changed and whose value is not of the class that it names now."""
        before = {self.present_name(name): text for name, text in stored.fields.items()}
        changed = [n for n in state if n in self.kinds and n in before and before[n] != self.version.fields[n]]
        return tuple(name for name in changed if not isinstance(state[name], self.kinds[name]))

    def _missing(self, present: Iterable[str]) -> tuple[str, ...]:
        return tuple(n for n, make in self.created.items() if make is None and n not in present and not _has_class_value(self.cls, n))

    def _is_gone(self, name: str, known: set[str]) -> bool:
        if _is_method_or_property(self.cls, name):
            return True
        return name in known and name not in self.version.fields and self.mentioned is not None and name not in self.mentioned


def _member(cls: type, name: str) -> Any:
    return next((base.__dict__[name] for base in cls.__mro__ if name in base.__dict__), None)


def _has_class_value(cls: type, name: str) -> bool:
    """Tell whether the class answers the attribute itself, as `limit = 3` in its body does."""
    member = _member(cls, name)
    return member is not None and not hasattr(type(member), "__get__")


def _is_method_or_property(cls: type, name: str) -> bool:
    kind = type(_member(cls, name))
    # Slots are descriptors too, but they are what holds the attribute.
    return hasattr(kind, "__get__") and kind.__name__ not in ("member_descriptor", "NoneType")
