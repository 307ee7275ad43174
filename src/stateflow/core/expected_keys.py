"""Which keys new entities will have, so that the keys of many can be looked up at once before any of the entities is made.

A key is known when `__init__` and `__key__` have run. But most classes take it from the arguments of `__init__`, always from the same ones.
A key that was expected and does not come costs a look-up, and is never taken for the entity's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stateflow.protocol.messages import Request

__all__ = ["ExpectedKeys"]

_SCALARS = frozenset({int, str, bytes})
_are_scalars = _SCALARS.issuperset

Place = int | str
"""Where an argument stands: its number, or its name."""


class ExpectedKeys:
    """Learns from each creation where among the arguments the keys of its class are."""

    def __init__(self) -> None:
        # One place where an argument is the key, or the places of the parts of a tuple.
        self._places: dict[str, Place | list[Place]] = {}

    def learn(self, request: Request, key: object) -> None:
        """Note which key a creation has given."""
        if self.key(request) != key:
            self._places.pop(request.class_name, None)
            found = _places_of(key, request)
            if found is not None:
                self._places[request.class_name] = found

    def key(self, request: Request) -> Any:
        """Return the key that a creation will probably give; None when nothing tells."""
        places = self._places.get(request.class_name)
        if places is None:
            return None
        try:
            key = tuple([_argument(request, place) for place in places]) if type(places) is list else _argument(request, places)
        except LookupError:
            return None
        return key if _is_simple(key) else None


def _argument(request: Request, place: Any) -> Any:
    return request.kwargs[place] if type(place) is str else request.args[place]


def _is_simple(value: object) -> bool:
    """Tell whether a value runs nothing of the user's when it is compared, and does not change."""
    return type(value) in _SCALARS or (type(value) is tuple and _are_scalars(map(type, value)))


def _places_of(key: object, request: Request) -> Place | list[Place] | None:
    whole = _place_of(key, request)
    if whole is not None or type(key) is not tuple:
        return whole
    places = [_place_of(part, request) for part in key]
    return None if None in places else places  # type: ignore[return-value]


def _place_of(part: object, request: Request) -> Place | None:
    if _is_simple(part):
        arguments: list[tuple[Place, Any]] = [*enumerate(request.args), *request.kwargs.items()]
        for place, value in arguments:
            if type(value) is type(part) and _is_simple(value) and value == part:
                return place
    return None
