"""Words of a command line as arguments of a method, by its annotations."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from stateflow.cli.options import json_or_text
from stateflow.client.annotations import hints_of, replace_classes
from stateflow.errors import ConfigurationError, MalformedBytes
from stateflow.protocol.json_keys import key_from_json
from stateflow.protocol.keys import read_key
from stateflow.references import Reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.client.base import StateflowClient

__all__ = ["Arguments", "Words"]

_UNKNOWN = (Any, object, inspect.Parameter.empty)


class Arguments(NamedTuple):
    """What a method is called with."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    by_name: dict[str, Any]


class _Mark(type):
    """The type of what stands in for entity classes: what is decoded for it is a reference."""

    entity: type

    def __instancecheck__(cls, value: object) -> bool:
        return issubclass(type(value), Reference)


class Words:
    """Reads the words of a command line for the classes of a client.

    Text for `str` is taken as it is; an entity is `Class:key`, or its key alone where the annotation names the class; everything else is
    what the annotation's type reads from text or JSON. Without an annotation a word is `Class:key`, JSON, or else text.

    Args:
        client: makes references of keys.
    """

    def __init__(self, client: StateflowClient) -> None:
        self._client = client
        self._classes = {cls.__name__: cls for cls in client.flow.classes}
        # Stand in for entity classes, which may be dataclasses, for a decoder that would fill these itself.
        self._marks: dict[type, _Mark] = {cls: _Mark(name, (), {"entity": cls}) for name, cls in self._classes.items()}

    def key(self, cls: type, text: str) -> object:
        """Return the key of an entity of a class: text, digits, or JSON as `stateflow state list` shows it.

        Raises:
            ConfigurationError: it is none.
        """
        kind = hints_of(cls.__key__).get("return")  # type: ignore[attr-defined]
        if kind is str:
            return text
        try:
            key = read_key(key_from_json(json_or_text(text)))
        except MalformedBytes as error:
            raise ConfigurationError(f"SF540: {text} is no key of {cls.__name__} ({error})") from error
        if kind is int and type(key) is not int:
            raise ConfigurationError(f"SF540: {text} is no key of {cls.__name__}, whose keys are integers")
        return key

    def arguments(self, function: Callable[..., Any], words: list[str], *, skips: int) -> Arguments:
        """Return the arguments for a method; a word `name=...` gives a parameter by its name.

        Args:
            function: the method.
            words: the words, in order.
            skips: how many parameters are not given: 1 for `self`.

        Raises:
            ConfigurationError: the words do not fit the method.
        """
        parameters = list(inspect.signature(function).parameters.values())[skips:]
        signature = inspect.Signature(parameters)
        try:
            bound = signature.bind(*_positional(words, parameters), **_named(words, parameters))
        except TypeError as error:
            raise ConfigurationError(f"SF540: {error}; it takes {_plain(signature)}") from error
        hints = hints_of(function)
        for parameter in parameters:
            if parameter.name in bound.arguments:
                given, annotation = bound.arguments[parameter.name], hints.get(parameter.name, Any)
                bound.arguments[parameter.name] = self._values(parameter, given, annotation)
        return Arguments(bound.args, bound.kwargs, dict(bound.arguments))

    def _values(self, parameter: inspect.Parameter, given: Any, annotation: Any) -> Any:
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            return tuple(self._value(parameter.name, word, annotation) for word in given)
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            return {name: self._value(name, word, annotation) for name, word in given.items()}
        return self._value(parameter.name, given, annotation)

    def _value(self, name: str, word: str, annotation: Any) -> Any:
        if annotation is str:
            return word
        if annotation in self._marks:
            return self._reference(word, annotation)
        if annotation in _UNKNOWN:
            return self._untyped(word)
        known = replace_classes(annotation, self._client.flow.classes, self._marks.__getitem__)
        try:
            return self._convert(word, known)
        except msgspec.ValidationError as error:
            raise ConfigurationError(f"SF540: {name}: {error}, not {word!r}") from error
        except TypeError:
            # A type that no decoder knows.
            return self._untyped(word)

    def _convert(self, word: str, known: Any) -> Any:
        try:
            # An entity's key could be the text null, but where there may be no entity, that is what it says.
            return msgspec.convert(None if word == "null" else word, known, strict=False, dec_hook=self._decode)
        except msgspec.ValidationError:
            value = json_or_text(word)
            if type(value) is str:
                raise
        return msgspec.convert(value, known, strict=False, dec_hook=self._decode)

    def _decode(self, kind: type, value: object) -> object:
        if not isinstance(kind, _Mark):
            raise TypeError(kind)
        cls = kind.entity
        if not isinstance(value, str | int):
            raise msgspec.ValidationError(f"Expected the key of a {cls.__name__}")
        return self._reference(str(value), cls)

    def _untyped(self, word: str) -> Any:
        name, colon, key = word.partition(":")
        if colon and name in self._classes:
            return self._client.ref(self._classes[name], self.key(self._classes[name], key))
        return json_or_text(word)

    def _reference(self, word: str, expected: type) -> object:
        name, colon, key = word.partition(":")
        cls = self._named_class(name) if colon else None
        if cls is None:
            cls, key = expected, word
        elif not issubclass(cls, expected):
            raise ConfigurationError(f"SF540: {word} is a {cls.__name__}, where a {expected.__name__} is expected")
        return self._client.ref(cls, self.key(cls, key))

    def _named_class(self, name: str) -> type | None:
        """Return the class of this name, capitals aside: `item:tea` is an `Item`."""
        near = [cls for known, cls in self._classes.items() if known.lower() == name.lower()]
        return self._classes.get(name) or (near[0] if len(near) == 1 else None)


def _plain(signature: inspect.Signature) -> str:
    # Annotations that were never evaluated stand there in quotes.
    return str(signature).replace("'", "")


def _positional(words: list[str], parameters: list[inspect.Parameter]) -> list[str]:
    return [word for word in words if _name_of(word, parameters) is None]


def _named(words: list[str], parameters: list[inspect.Parameter]) -> dict[str, str]:
    return {name: word.partition("=")[2] for word in words if (name := _name_of(word, parameters)) is not None}


def _name_of(word: str, parameters: list[inspect.Parameter]) -> str | None:
    """Return the parameter that a word names, if it does."""
    name, equals, _ = word.partition("=")
    takes_any = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters)
    by_name = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    is_known = (takes_any and name.isidentifier()) or any(each.name == name and each.kind in by_name for each in parameters)
    return name if equals and is_known else None
