"""Errors of classes, entities, values and of wrong use."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stateflow.compiler.diagnostics import Diagnostic

__all__ = [
    "CompileError",
    "ConfigurationError",
    "EntityAlreadyExists",
    "EntityError",
    "EntityNotFound",
    "FrameOfOtherCode",
    "GeneratorLeftOpen",
    "InvalidKey",
    "InvalidPartition",
    "KeyChanged",
    "LimitExceeded",
    "MalformedBytes",
    "MissingExtra",
    "NotRepeatable",
    "QueueFull",
    "ReferenceInNativeCode",
    "StateflowError",
    "SuspensionInNativeCode",
    "UnstorableValue",
    "UpgradeFailed",
]


class StateflowError(Exception):
    """The root of all errors that StateFlow itself raises."""

    code: ClassVar[str] = "SF500"


class CompileError(StateflowError):
    """Classes that cannot be compiled. `diagnostics` holds every error and warning found."""

    code = "SF200"

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("\n".join(str(d) for d in diagnostics))
        self.diagnostics = tuple(diagnostics)


class EntityError(StateflowError):
    """An error about one entity. `class_name` and `key` name it."""

    sentence: ClassVar[str] = "{entity} is in error"

    def __init__(self, class_name: str, key: object) -> None:
        super().__init__(class_name, key)
        self.class_name = class_name
        self.key = key

    def __str__(self) -> str:
        return f"{self.code}: " + self.sentence.format(entity=f"{self.class_name}({self.key!r})")


class EntityNotFound(EntityError):
    """No entity of this class has this key: it was never created, or it was deleted."""

    code = "SF501"
    sentence = "{entity} does not exist; create it first, or check the key"


class EntityAlreadyExists(EntityError):
    """An entity of this class has this key already."""

    code = "SF502"
    sentence = "{entity} exists already; address it with by_key, or create it with another key"


class KeyChanged(EntityError):
    """A method changed an attribute that `__key__` is made of. The key is set once, at creation."""

    code = "SF503"
    sentence = "the key of {entity} changed; keep the attributes that __key__ reads as they were at creation"


class InvalidPartition(EntityError):
    """`__partition__` did not answer what can be a key for the key of a new entity. `reason` says what it did."""

    code = "SF505"

    def __init__(self, class_name: str, key: object, reason: str) -> None:
        super().__init__(class_name, key)
        self.args = (class_name, key, reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.code}: {self.class_name}.__partition__ gives no partition for the key {self.key!r}: {self.reason}"


class UpgradeFailed(EntityError):
    """The state of an entity was written by another version of its class, and this one cannot take it over.

    `version` says which version that was, `reason` why not.
    """

    code = "SF571"

    def __init__(self, class_name: str, key: object, version: str, reason: str) -> None:
        super().__init__(class_name, key)
        self.args = (class_name, key, version, reason)
        self.version = version
        self.reason = reason

    def __str__(self) -> str:
        entity = f"{self.class_name}({self.key!r})"
        return f"{self.code}: the stored state of {entity}, written by {self.version}, cannot be taken over: {self.reason}"


class FrameOfOtherCode(StateflowError):
    """A suspended method or generator was stored, and its code has changed since, so that it cannot go on."""

    code = "SF573"


class InvalidKey(StateflowError):
    """`__key__` answered something that cannot be a key."""

    code = "SF504"


class UnstorableValue(StateflowError):
    """A value that cannot be stored or sent. `path` names where it is, as in `User.cart[3].lock`."""

    code = "SF510"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.code}: {self.path} cannot be stored: {self.reason}"


class MalformedBytes(StateflowError):
    """Bytes that are not a value written by this version of StateFlow for these classes."""

    code = "SF511"


class ReferenceInNativeCode(StateflowError):
    """A reference reached code that took it for a local object, such as a library function."""

    code = "SF520"


class SuspensionInNativeCode(StateflowError):
    """Library code called back into a function that must reach another entity."""

    code = "SF521"


class GeneratorLeftOpen(StateflowError):
    """A request ended while a generator waited in a block with `finally` or `with`, which CPython would have run."""

    code = "SF523"


class NotRepeatable(StateflowError):
    """An operation whose answer a replay of the request could not give again."""

    code = "SF522"


class LimitExceeded(StateflowError):
    """One of the limits of `stateflow.limits` was passed."""

    code = "SF530"


class QueueFull(LimitExceeded):
    """As many requests wait for the engine, or for one of its places, as may; this one was not begun, and may be sent again later."""


class ConfigurationError(StateflowError):
    """A wrong option, or a wrong use of the API."""

    code = "SF540"


class MissingExtra(StateflowError, ImportError):
    """An optional package is not installed; the message holds the install line."""

    code = "SF541"
