"""The entities of one judged run: which exist, under which key, and how to undo a failed request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.errors import EntityAlreadyExists, EntityNotFound, KeyChanged
from tests.judge.copying import copy_graph, read_state, write_state

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Population"]

Identity = tuple[type, type, Any]


class Population:
    """Knows every entity object of a run. There is one object for each class and key, alive or not.

    Args:
        key_of: asks an entity for its key, as its own code.
        is_entity: tells entities from values.
    """

    def __init__(self, key_of: Callable[[Any], Any], is_entity: Callable[[object], bool]) -> None:
        self._key_of = key_of
        self._is_entity = is_entity
        self._known: dict[Identity, Any] = {}
        self._identities: dict[int, Identity] = {}
        self._alive: dict[int, Any] = {}
        self._in_creation: dict[int, Any] = {}

    # Existence.

    def begin(self, entity: Any) -> None:
        """Let an entity be used while its `__init__` runs."""
        self._in_creation[id(entity)] = entity

    def end(self, entity: Any) -> None:
        """End what `begin` began."""
        del self._in_creation[id(entity)]

    def add(self, entity: Any) -> Any:
        """Make a new entity exist.

        Returns:
            the entity; when its class and key were addressed before, the object that stands for them, with the new one's state.

        Raises:
            EntityAlreadyExists: the key is taken.
        """
        key = self._key_of(entity)
        known = self.at(type(entity), key, default=entity)
        if id(known) in self._alive:
            raise EntityAlreadyExists(type(entity).__name__, key)
        if known is not entity:
            state = read_state(entity)
            write_state(known, {name: known if value is entity else value for name, value in state.items()})
        self._alive[id(known)] = known
        return known

    def at(self, cls: type, key: Any, default: Any = None) -> Any:
        """Return the object that stands for a class and key, which may not exist; `default` becomes it when there is none."""
        identity = (cls, type(key), key)
        if identity not in self._known:
            entity = object.__new__(cls) if default is None else default
            self._known[identity] = entity
            self._identities[id(entity)] = identity
        return self._known[identity]

    def remove(self, entity: Any) -> None:
        """Delete an entity; it must exist."""
        self.require(entity)
        del self._alive[id(entity)]

    def require(self, entity: Any) -> None:
        """Check that an entity exists.

        Raises:
            EntityNotFound: it was deleted, or never created.
        """
        if id(entity) not in self._alive and id(entity) not in self._in_creation:
            raise EntityNotFound(*self.name(entity))

    def check_key(self, entity: Any) -> None:
        """Check that `__key__` answers as it did at creation.

        Raises:
            KeyChanged: it does not.
        """
        if id(entity) in self._alive:
            _, kind, key = self._identities[id(entity)]
            now = self._key_of(entity)
            if type(now) is not kind or now != key:
                raise KeyChanged(type(entity).__name__, key)

    def name(self, entity: Any) -> tuple[str, Any]:
        """Return class name and key of an entity."""
        if id(entity) in self._identities:
            cls, _, key = self._identities[id(entity)]
            return cls.__name__, key
        return type(entity).__name__, self._key_of(entity)

    def members(self) -> list[tuple[Any, Identity, bool]]:
        """Return every entity object with its identity and whether it exists."""
        return [(entity, identity, id(entity) in self._alive) for identity, entity in self._known.items()]

    # Undo.

    def snapshot(self) -> Callable[[], None]:
        """Remember which entities exist and their states; return what brings all that back."""
        alive = dict(self._alive)
        states = [(entity, copy_graph(read_state(entity), self._is_entity)) for entity in alive.values()]

        def restore() -> None:
            self._alive = alive
            for entity, state in states:
                write_state(entity, state)

        return restore
