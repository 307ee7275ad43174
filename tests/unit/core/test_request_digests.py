"""Digests of requests: one way to find them, whether from the values or from the bytes that came."""

from __future__ import annotations

from typing import Any

import pytest

import stateflow
from stateflow.core.answers import read_arguments
from stateflow.core.request_digests import digest_of, digest_of_start
from stateflow.core.runtime_codec import RuntimeCodec
from stateflow.core.store import Store
from stateflow.protocol.client_values import ClientValues
from stateflow.protocol.messages import Operation, Request
from stateflow.references import ReferenceTable


@stateflow.entity
class Jar:
    def __init__(self, name: str) -> None:
        self.name = name

    def __key__(self) -> str:
        return self.name


FLOW = stateflow.init(Jar)
REFERENCES = ReferenceTable(FLOW.reference_types, Store(FLOW))
ARGUMENTS: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
    ("a", (), {}),
    ("a", (1, -1, 2**63, 1.5, None, True, "\u00e9"), {}),
    ("a", (REFERENCES.get(Jar, "b"), 1), {}),
    (7, (REFERENCES.get(Jar, 8),), {}),
    (None, ("a",), {}),
    ("a", (), {"one": 1, "two": 2}),
    ("a", (), {"two": 2, "one": 1}),
    ("a", ([1, 2],), {}),
    ("a", (2**70, "\ud800"), {}),
    ((1, "a"), (1,), {}),
    ("a" * 300, tuple(range(100)), {}),
]


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=repr)
def test_digest_is_the_same_from_the_values_and_from_the_bytes_that_came(arguments: tuple[Any, tuple[Any, ...], dict[str, Any]]) -> None:
    key, args, kwargs = arguments
    operation = Operation.CREATE if key is None else Operation.CALL
    sent = Request(request_id="r", time_ns=1, operation=operation, class_name="Jar", key=key, name="put", args=args, kwargs=kwargs)
    start = ClientValues(FLOW, REFERENCES, "client").write(sent)
    key, args, kwargs = read_arguments(RuntimeCodec(Store(FLOW)), start.arguments)
    read = Request(request_id="r", time_ns=1, operation=operation, class_name="Jar", key=key, name="put", args=args, kwargs=kwargs)
    assert digest_of_start(start, read) == digest_of(read, lambda _: 0)


def test_requests_that_differ_have_other_digests() -> None:
    clients = ClientValues(FLOW, REFERENCES, "client")
    found = set()
    calls: list[tuple[str, str, tuple[Any, ...]]] = [
        ("Jar", "put", (1,)), ("Jar", "put", (2,)), ("Jar", "take", (1,)), ("Jug", "put", (1,)), ("Jar", "put", ())
    ]  # fmt: skip
    for class_name, name, args in calls:
        request = Request(request_id="r", time_ns=1, operation=Operation.CALL, class_name=class_name, key="a", name=name, args=args)
        found.add(digest_of_start(clients.write(request), request))
    assert len(found) == 5
