"""Annotations of methods as types of HTTP bodies: entities become keys, and what has no JSON form is any JSON."""

from __future__ import annotations

import inspect
import types
import typing
import warnings
from collections.abc import Callable
from dataclasses import is_dataclass
from enum import Enum
from typing import Annotated, Any

import pydantic
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, TypeAdapter, WithJsonSchema

from stateflow.client.annotations import hints_of, replace_classes
from stateflow.client.base import StateflowClient
from stateflow.client.fastapi.json_values import to_json
from stateflow.client.key_text import BadKey, from_text, to_text
from stateflow.references import Reference

__all__ = ["Parameters", "Types"]

_UNTYPED = "Not annotated with a type that JSON has: any JSON value is passed on as it is."
_BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Parameters:
    """What a method takes, as a model of a JSON object, and how an object becomes arguments.

    Attributes:
        model: the model; its fields have the names of the parameters as aliases.
        may_be_empty: the method needs nothing, so a body may be missing.
    """

    def __init__(self, model: type[BaseModel], parameters: list[inspect.Parameter]) -> None:
        self.model = model
        self._parameters = parameters
        self.may_be_empty = not any(field.is_required() for field in model.model_fields.values())

    def arguments(self, body: BaseModel | None) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return positional and keyword arguments; what the body leaves out is left to the method's own defaults."""
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        by_position = True
        for number, parameter in enumerate(self._parameters):
            field = f"p{number}"
            given = body is not None and field in body.model_fields_set
            if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
                args += getattr(body, field) if given and by_position else ()
            elif parameter.kind is inspect.Parameter.VAR_KEYWORD:
                kwargs.update(getattr(body, field) if given else {})
            elif not given:
                by_position = False
            elif by_position and parameter.kind in _BY_POSITION:
                args.append(getattr(body, field))
            else:
                kwargs[parameter.name] = getattr(body, field)
        return tuple(args), kwargs


class Types:
    """Makes the types for the classes of one client.

    Args:
        client: makes references of keys.
    """

    def __init__(self, client: StateflowClient) -> None:
        self._client = client
        self._references: dict[type, Any] = {}

    def key_type(self, cls: type) -> type:
        """Return the type of the keys of a class, as `__key__` declares it; `str` when it does not."""
        found = hints_of(vars(cls).get("__key__") or cls.__key__, include_extras=True).get("return", str)  # type: ignore[attr-defined]
        return found if isinstance(found, type) else object

    def parameters(self, cls: type, function: Callable[..., Any], name: str, *, skips: int) -> Parameters:
        """Return the parameters of a method.

        Args:
            cls: the entity class.
            function: the method.
            name: the name of the model.
            skips: how many parameters the caller does not give: 1 for `self`.
        """
        hints = hints_of(function, include_extras=True)
        parameters = list(inspect.signature(function).parameters.values())[skips:]
        fields: dict[str, Any] = {f"p{number}": self._field(parameter, hints) for number, parameter in enumerate(parameters)}
        config = ConfigDict(extra="forbid", title=name, arbitrary_types_allowed=True)
        return Parameters(pydantic.create_model(name, __config__=config, **fields), parameters)

    def result(self, function: Callable[..., Any]) -> Any:
        """Return the type of what a method returns, for the documentation; `Any` when it does not say."""
        return self._usable(hints_of(function, include_extras=True).get("return", Any))

    def _field(self, parameter: inspect.Parameter, hints: dict[str, Any]) -> tuple[Any, Any]:
        annotation = hints.get(parameter.name, Any)
        known = self._usable(annotation)
        about = _UNTYPED if known is Any and not (annotation is Any and parameter.name in hints) else None
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            return types.GenericAlias(list, known), Field(default=[], alias=parameter.name, description=about)
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            return types.GenericAlias(dict, (str, known)), Field(default={}, alias=parameter.name, description=about)
        if parameter.default is inspect.Parameter.empty:
            return known, Field(alias=parameter.name, description=about)
        # The default itself is the method's own business; a body that leaves it out gets that.
        shown = _documented_default(parameter.default)
        return known, Field(default=None, alias=parameter.name, description=about, validate_default=False, json_schema_extra=shown)

    def _usable(self, annotation: Any) -> Any:
        """Return a type that has a JSON form, `Any` where there is none."""
        known = replace_classes(annotation, self._client.flow.classes, self._reference)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                TypeAdapter(known, config=None if _has_config(known) else ConfigDict(arbitrary_types_allowed=True)).json_schema()
        except Exception:
            return Any
        return known

    def _reference(self, cls: type) -> Any:
        known = self._references.get(cls)
        if known is None:
            key_type = self.key_type(cls)

            def read(value: object) -> object:
                text = str(value) if type(value) is int and key_type is int else value
                if not isinstance(text, str):
                    raise ValueError(f"a {cls.__name__} is given by its key, as it stands in paths")
                return self._client.ref(cls, from_text(text, key_type))

            schema = {"type": "string", "title": cls.__name__, "description": f"The key of the {cls.__name__}, as in paths."}
            known = self._references[cls] = Annotated[
                Any, PlainValidator(_checked(read)), PlainSerializer(_write_reference), WithJsonSchema(schema)
            ]
        return known


def _documented_default(default: object) -> Callable[[dict[str, Any]], None]:
    """Return what puts a method's own default into a schema, where JSON has it."""

    def change(schema: dict[str, Any]) -> None:
        schema.pop("default", None)
        if default is None or isinstance(default, str | int | Enum):
            schema["default"] = to_json(default)

    return change


def _checked(read: Callable[[object], object]) -> Callable[[object], object]:
    def validate(value: object) -> object:
        try:
            return read(value)
        except BadKey as error:
            raise ValueError(str(error)) from None

    return validate


def _write_reference(value: Any) -> Any:
    return to_text(value._sf_key) if issubclass(type(value), Reference) else value


def _has_config(annotation: Any) -> bool:
    """Tell whether a type has a configuration of its own, which pydantic refuses to be given another."""
    if not isinstance(annotation, type):
        return False
    return issubclass(annotation, BaseModel) or is_dataclass(annotation) or typing.is_typeddict(annotation)
