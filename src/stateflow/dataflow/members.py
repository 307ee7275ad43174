"""What an entity class has under a name."""

from __future__ import annotations

import functools
import types
from typing import TYPE_CHECKING, Any

from stateflow.limits import MEMBER_NAMES, NAME_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stateflow.core.frame import Code

__all__ = ["Member", "Members", "find_member"]


class Member:
    """A member of an entity class.

    `function` is the method, or the getter of a property; `code` its resumable form, if it has one. `setter` and `deleter` are those of a
    property. `is_plain` says that only the object itself can have something of that name, and that reading it runs no code of the user.
    `is_ordinary` says that it is a method of the user that is called with the entity itself and runs at once. `is_read_only` says that it
    is proved to change no entity when a client asks for it (None: nobody asked yet).
    """

    __slots__ = (
        "code", "deleter", "exists", "function", "is_class", "is_method", "is_ordinary", "is_plain", "is_property", "is_read_only",
        "is_static", "setter", "value",
    )  # fmt: skip

    def __init__(self) -> None:
        self.value: Any = None
        self.exists = False
        self.function: types.FunctionType | None = None
        self.code: Code | None = None
        self.setter: types.FunctionType | None = None
        self.deleter: types.FunctionType | None = None
        self.is_method = False
        self.is_ordinary = False
        self.is_plain = False
        self.is_property = False
        self.is_read_only: bool | None = None
        self.is_static = False
        self.is_class = False


class Members(dict[tuple[type, str], Member]):
    """The members of entity classes by class and name, each looked up once; a bounded number, since clients send names.

    Args:
        codes: the resumable form of each function that may suspend, by the function's code object.
    """

    __slots__ = ("_codes",)

    def __init__(self, codes: Mapping[types.CodeType, Code]) -> None:
        self._codes = codes

    def __missing__(self, wanted: tuple[type, str]) -> Member:
        member = find_member(*wanted, self._codes)
        if len(wanted[1]) <= NAME_BYTES:
            if len(self) >= MEMBER_NAMES:
                self.clear()
            self[wanted] = member
        return member


_HOOKS = ("__getattr__", "__getattribute__")


def find_member(cls: type, name: str, codes: Mapping[types.CodeType, Code]) -> Member:
    """Look a name up in a class and its bases."""
    member = Member()
    for base in cls.__mro__:
        if name in base.__dict__:
            member.value = base.__dict__[name]
            member.exists = True
            _classify(member)
            break
    else:
        member.is_plain = not any(hook in base.__dict__ for base in cls.__mro__ if base is not object for hook in _HOOKS)
    if isinstance(member.function, types.FunctionType):
        member.code = codes.get(member.function.__code__)
        is_async = member.code is not None and member.code.is_async
        member.is_ordinary = member.is_method and not (member.is_static or member.is_class or is_async)
    return member


def _classify(member: Member) -> None:
    value = member.value
    if isinstance(value, types.FunctionType):
        member.function, member.is_method = value, True
    elif isinstance(value, staticmethod):
        member.function, member.is_method, member.is_static = value.__func__, True, True  # type: ignore[assignment]
    elif isinstance(value, classmethod):
        member.function, member.is_method, member.is_class = value.__func__, True, True  # type: ignore[assignment]
    elif isinstance(value, property):
        member.is_property = True
        member.function, member.setter, member.deleter = value.fget, value.fset, value.fdel  # type: ignore[assignment]
    elif isinstance(value, functools.cached_property | functools.partialmethod):
        member.is_property = isinstance(value, functools.cached_property)
        member.is_method = not member.is_property
    elif callable(value) and not isinstance(value, type):
        member.is_method = True
