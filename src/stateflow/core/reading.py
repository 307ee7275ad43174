"""Reads over many entities: lists, counts, and snapshots. They change nothing and run none of the user's methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.core.store import get_state
from stateflow.errors import ConfigurationError, DatabaseDamaged, LimitExceeded, MalformedBytes
from stateflow.limits import SNAPSHOT_BYTES
from stateflow.protocol.keys import decode_key, key_range
from stateflow.protocol.messages import Operation
from stateflow.protocol.pages import check_page, check_snapshot, page_range
from stateflow.references import Reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.core.ports import Database
    from stateflow.core.store import Record, Store
    from stateflow.protocol.messages import Request

__all__ = ["Reader"]


class Reader:
    """Reads many entities at once.

    A list and a count are the database's, which holds what was committed: whoever asks for them commits before.

    Args:
        store: the entities in memory.
        database: where all of them are.
        stored_name: returns the name of a class there.
    """

    def __init__(self, store: Store, database: Database, stored_name: Callable[[type], str]) -> None:
        self._store = store
        self._flow = store.flow
        self._database = database
        self._stored_name = stored_name

    def read(self, request: Request) -> Any:
        """Return what a LIST, COUNT or SNAPSHOT request asks for, with references of the store.

        Raises:
            ConfigurationError: the request makes no sense.
            InvalidKey: there can be no key like those that it names.
            LimitExceeded: it asks for too much.
        """
        match request.operation:
            case Operation.LIST:
                return self._list(self._class(request), *request.args)
            case Operation.COUNT:
                return self._database.count(self._stored_name(self._class(request)), key_range(*request.args))
            case Operation.SNAPSHOT:
                return self._snapshot(request.args)
            case _:
                raise ConfigurationError(f"SF540: {request.operation.value} does not read many entities")

    def _class(self, request: Request) -> type:
        return self._flow.by_name[request.class_name]

    def _list(self, cls: type, prefix: object, after: object, limit: object) -> list[Reference]:
        keys = self._database.keys(self._stored_name(cls), page_range(prefix, after), check_page(limit))
        return [self._store.references.get(cls, self._decode(cls, data)) for data in keys]

    def _decode(self, cls: type, data: bytes) -> Any:
        try:
            return decode_key(data, self._flow.values.enums)
        except MalformedBytes as error:
            raise DatabaseDamaged(f"SF552: a key of {cls.__name__} is damaged, or of an enum that is gone ({error})") from error

    def _snapshot(self, references: tuple[object, ...]) -> dict[Reference, dict[str, Any]]:
        check_snapshot(len(references))
        states: dict[Reference, dict[str, Any]] = {}
        total = 0
        for named in references:
            record = self._record(named)
            if record.instance is None:
                continue
            states[self._store.reference_to(record)] = get_state(record.instance)
            total += record.size
            if total > SNAPSHOT_BYTES:
                raise LimitExceeded(
                    f"SF530: the first {len(states)} entities of a snapshot take more than {SNAPSHOT_BYTES} bytes; ask for fewer at a time"
                )
        return states

    def _record(self, named: object) -> Record:
        if not issubclass(type(named), Reference):
            raise ConfigurationError(f"SF540: {named!r} is not a reference; a snapshot is of entities")
        return self._store.record(self._store.same(named))  # type: ignore[arg-type]
