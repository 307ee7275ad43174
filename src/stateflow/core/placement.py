"""Placements: which place an entity lives at, and where a request begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from stateflow.core.partitioning import deciding_key, find_rule
from stateflow.limits import HOMES
from stateflow.protocol.keys import encode_key, murmur2, partition_of

if TYPE_CHECKING:
    from stateflow.core.partitioning import Rule

__all__ = ["EntityPlacement", "PartitionPlacement", "Placement"]


class Placement(Protocol):
    """Where things are. Every place and client of a flow answers alike."""

    def is_place(self, name: str) -> bool:
        """Tell whether a name is that of a place; clients have other names."""

    def home(self, cls: type, key: object) -> str:
        """Return the name of the place where an entity lives."""

    def start(self, cls: type, key: object | None, request_id: str) -> str:
        """Return the name of the place where a request begins; a creation, whose key is not known yet, goes by its id."""


class PartitionPlacement:
    """A fixed number of places; the key says which, or what the `__partition__` of the class makes of it.

    Entities of different classes are together where that is the same.

    Args:
        count: the number of partitions, from 1.
    """

    def __init__(self, count: int) -> None:
        self.names = tuple(str(number) for number in range(count))
        self._known = frozenset(self.names)
        self._homes: dict[str, str] = {}
        self._rules: dict[type, Rule | None] = {}

    def is_place(self, name: str) -> bool:
        """Tell whether a name is the number of a partition."""
        return name in self._known

    def home(self, cls: type, key: object) -> str:
        """Return the partition of the key, or of what `__partition__` makes of it, by murmur2."""
        rule = self._rules[cls] if cls in self._rules else self._rules.setdefault(cls, find_rule(cls))
        if rule is not None:
            return self.names[partition_of(deciding_key(rule, key), len(self.names))]
        if type(key) is not str:
            return self.names[partition_of(encode_key(key), len(self.names))]
        found = self._homes.get(key)
        if found is None:
            if len(self._homes) >= HOMES:
                self._homes.clear()
            found = self._homes[key] = self.names[partition_of(encode_key(key), len(self.names))]
        return found

    def start(self, cls: type, key: object | None, request_id: str) -> str:
        """Return the partition of the entity; of the request id for a creation."""
        if key is None:
            return self.names[partition_of(encode_key(request_id), len(self.names))]
        return self.home(cls, key)


class EntityPlacement:
    """Each entity is a place of its own; creations begin at one of a few places without entities.

    Args:
        entrances: the number of places where creations begin.
    """

    def __init__(self, entrances: int = 4) -> None:
        self._entrances = entrances

    def is_place(self, name: str) -> bool:
        """Tell whether a name is that of an entity or an entrance."""
        return "/" in name

    def home(self, cls: type, key: object) -> str:
        """Return the place of the entity, which is alone there whatever its `__partition__` says."""
        return f"{cls.__qualname__}/{encode_key(key).hex()}"

    def start(self, cls: type, key: object | None, request_id: str) -> str:
        """Return the place of the entity; an entrance for a creation."""
        if key is not None:
            return self.home(cls, key)
        return f"entrance/{(murmur2(request_id.encode()) & 0x7FFFFFFF) % self._entrances}"
