"""The versions of classes that wrote the states of one place, and what a state says of its version."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Final

import msgspec

from stateflow.dataflow.history import History, StoredVersion
from stateflow.dataflow.partition_text import partition_text
from stateflow.errors import IncompatibleSchema, MalformedBytes, PlaceStopped

if TYPE_CHECKING:
    from stateflow.core.records import Changes
    from stateflow.dataflow import Dataflow
    from stateflow.dataflow.schema import ClassVersion

__all__ = ["ClassVersions"]

_NUMBER: Final = struct.Struct(">H")
_encode: Final = msgspec.msgpack.Encoder(order="deterministic").encode
_decode: Final = msgspec.msgpack.Decoder(list[StoredVersion]).decode
_decode_rules: Final = msgspec.msgpack.Decoder(dict[str, str]).decode


class ClassVersions:
    """Puts before each state the number of the version that wrote it; keeps the versions under `versions`.

    Under `partitions` it keeps the text of each `__partition__` by which entities came here.

    Between places, whose numbers differ, a state goes with the *mark* of its version.

    Args:
        name: the name of the place.
        changes: what it keeps.
        flow: the present classes.

    Raises:
        IncompatibleSchema: the classes cannot take over states of a version that has written here, whether any is left or not, or would
            look for them at other places.
    """

    def __init__(self, name: str, changes: Changes, flow: Dataflow) -> None:
        self._name = name
        self._changes = changes
        self._flow = flow
        data = changes.get("versions")
        self._stored = [] if data is None else _decode(data)
        self._history = History(flow, self._stored)
        self._marks: dict[type, int] = {}
        self._numbers: dict[type, bytes] = {}
        rules = changes.get("partitions")
        self._rules: dict[str, str] = {} if rules is None else _decode_rules(rules)
        if self._stored:
            self._history.check(lambda stored_name, number: True)
            self._check_rules()

    def _check_rules(self) -> None:
        """Refuse classes that look for their entities elsewhere than they are."""
        known = {name: self._history.class_named(name) for name in sorted({stored.stored_name for stored in self._stored})}
        moved = [cls for name, cls in known.items() if cls is not None and partition_text(cls) != self._rules.get(name, "")]
        if moved:
            raise IncompatibleSchema(
                [
                    f"entities of {cls.__name__} are where another `__partition__` put them, and this one looks for them elsewhere; "
                    "define it as it was, or begin with an empty engine and create them anew"
                    for cls in moved
                ]
            )

    def stored_name(self, cls: type) -> str:
        """Return the name of a class in the keys of records, which stays when the class is renamed."""
        return self._history.stored_name(cls)

    def mark_of(self, cls: type) -> int:
        """Return what a state is sent with that the present version of a class wrote."""
        mark = self._marks.get(cls)
        if mark is None:
            mark = self._marks[cls] = _mark(self._flow.schema(cls).version)
        return mark

    def seal(self, cls: type, data: bytes) -> bytes:
        """Return a state that the present class wrote, as it is kept."""
        return (self._numbers.get(cls) or self._number_for(cls)) + data

    def seal_sent(self, class_name: str, data: bytes, mark: int) -> bytes:
        """Return a state that another place sent, as it is kept.

        Raises:
            PlaceStopped: the version that wrote it is not known here.
        """
        cls = self._flow.by_name.get(class_name)
        if cls is not None and mark == self.mark_of(cls):
            return self.seal(cls, data)
        for known in self._stored:
            if _mark(known.version) == mark:
                return _NUMBER.pack(known.number) + data
        raise PlaceStopped(
            self._name,
            f"a state of {class_name} was sent by code that it does not know; go on with the former code until no transaction is "
            "under way, and only then with the new one",
        )

    def open(self, cls: type, sealed: bytes) -> tuple[ClassVersion | None, bytes]:
        """Return a state, and the version that it must be upgraded from; None when it is taken over as it is.

        Raises:
            MalformedBytes: the bytes are not a state.
            DatabaseDamaged: the version is not known.
        """
        if sealed[: _NUMBER.size] == self._numbers.get(cls):
            return None, sealed[_NUMBER.size :]
        if len(sealed) < _NUMBER.size:
            raise MalformedBytes("SF511: these bytes are not the state of an entity")
        return self._history.source(cls, _NUMBER.unpack_from(sealed)[0]), sealed[_NUMBER.size :]

    def _number_for(self, cls: type) -> bytes:
        """Return the number of the present version of a class, as it stands before states."""
        number = self._history.number_for(cls)
        pending = self._history.pending
        if pending:
            self._stored += pending
            self._changes.put("versions", _encode(self._stored))
            self._note_rule(cls)
            self._history.committed()
        self._numbers[cls] = _NUMBER.pack(number)
        return self._numbers[cls]

    def _note_rule(self, cls: type) -> None:
        rule = partition_text(cls)
        if rule and self._rules.get(self.stored_name(cls)) != rule:
            self._rules[self.stored_name(cls)] = rule
            self._changes.put("partitions", _encode(self._rules))


def _mark(version: ClassVersion) -> int:
    return zlib.crc32(_encode((version.class_name, version.digest, version.values)))
