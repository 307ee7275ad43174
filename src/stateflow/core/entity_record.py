"""The record of an entity in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.core.native_classes import mypyc_attr

if TYPE_CHECKING:
    from stateflow.protocol.keys import Identity
    from stateflow.references import Reference

__all__ = ["Address", "Record"]

Address = tuple[str, bytes]
"""The stored name of an entity's class, and its encoded key."""


@mypyc_attr(acyclic=True)
class Record:
    """One entity of a store. `instance` is None when it does not exist.

    `identity` says which entity it is, None while that is created and has no key yet; `number` names it as long. `kept_reference` is the
    store's, while that is kept: see `Store.reference_to`.

    `address` is the name of its class and its encoded key, where there is a database; `label` is both as one name, where there are places
    (empty: it lives elsewhere, or was not looked up yet). What was found out once stays: `home` is the name of its place,
    `stored_label` the label that it has there, `sent_label` that in messages.

    `holder` is the transaction that touched it; `before` what its undo needs: the instance and its state then. `is_stored` says that the
    database holds it; `stored` tells which state that is, or will be with the next commit (None: none). `is_recent` says that it was used
    since the cache last looked; `size` is what it takes in the cache, in bytes. `is_stable` says that the present state does not change
    when it is read (None: not yet known).

    There are as many as entities in memory, so the garbage collector does not look at them (`acyclic`). Therefore none may be part of a
    cycle that only the collector would find: nothing that an entity holds leads to its store (references do not), and a transaction lets
    go of its records when it ends.
    """

    cls: type
    key: Any
    identity: Identity | None = None
    kept_reference: Reference | None = None
    instance: Any = None
    holder: Any = None
    before: tuple[Any, dict[str, Any] | None] | None = None
    number: int = 0
    address: Address = ("", b"")
    label: str = ""
    stored_label: str = ""
    sent_label: str = ""
    home: str = ""
    stored: bytes | None = None
    is_recent: bool = True
    is_stable: bool | None = None
    is_stored: bool = False
    size: int = 0

    def __init__(self, cls: type, key: Any, identity: Identity | None = None) -> None:
        self.cls = cls
        self.key = key
        self.identity = identity

    def __repr__(self) -> str:
        return f"Record({self.cls.__name__}, {self.key!r})"
