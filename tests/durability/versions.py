"""Old and new code of one module over one file."""

from __future__ import annotations

import contextlib
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from stateflow.options import LocalOptions
from stateflow.runtime.local import LocalRuntime
from tests.unit.dataflow.versions import flow_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stateflow.dataflow import Dataflow
    from stateflow.references import Reference
    from stateflow.runtime.local import LocalClient

__all__ = ["Shop", "flow_of", "rows", "versions"]

_SECONDS = 20


class Shop:
    """A runtime of some code over a file, with a client."""

    def __init__(self, client: LocalClient, flow: Dataflow) -> None:
        self.client = client
        self.flow = flow

    @classmethod
    @contextmanager
    def open(cls, source: str | Dataflow, path: Path, **options: Any) -> Iterator[Shop]:
        """Open a file with the code of a module."""
        flow = flow_of(source) if isinstance(source, str) else source
        with LocalRuntime(flow, path=path, options=LocalOptions(**options)) as runtime, runtime.client(bind=False) as client:
            yield Shop(client, flow)

    def ref(self, name: str, key: object) -> Reference:
        """Address an entity."""
        return self.client.ref(self.flow.by_name[name], key)  # type: ignore[return-value]

    def create(self, name: str, *args: Any) -> Any:
        """Create an entity."""
        return self.client.create(self.flow.by_name[name], *args).get(_SECONDS)

    def call(self, name: str, key: object, method: str, *args: Any) -> Any:
        """Call a method."""
        return self.client.call(self.ref(name, key), method, *args).get(_SECONDS)

    def state(self, name: str, key: object) -> Any:
        """Read all attributes of an entity."""
        return self.client.state(self.ref(name, key)).get(_SECONDS)


def rows(path: Path) -> dict[bytes, tuple[int, bytes]]:
    """Return version number and bytes of each entity in a file that is closed."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return {key: (version, state) for key, version, state in connection.execute("SELECT key, version, state FROM entity")}


def versions(path: Path) -> int:
    """Return how many versions of classes have written to a file that is closed."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM version").fetchone()
        return int(count)
