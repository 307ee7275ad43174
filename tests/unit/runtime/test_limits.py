"""What the embedded engine does at its limits: the last that fits is carried out, one more is refused and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

import stateflow
from stateflow.core import entity_codec, entry, request_digests
from stateflow.errors import LimitExceeded
from stateflow.limits import CALL_DEPTH
from stateflow.protocol import values
from stateflow.runtime.local import LocalClient, LocalRuntime


@dataclass
class Note:
    """An argument of which no canonical form is known, as it holds a complex number."""

    text: str
    weight: complex = 1j


@stateflow.entity
class Page:
    def __init__(self, name: str) -> None:
        self.name = name
        self.text = ""
        self.next: Page | None = None
        self.visits = 0

    def __key__(self) -> str:
        return self.name

    def write(self, text: str) -> int:
        self.text = text
        return len(text)

    def write_lines(self, text: str) -> int:
        self.text = [text]  # type: ignore[assignment]
        return len(text)

    def follow(self, other: Page) -> None:
        self.next = other

    def write_note(self, note: Note) -> int:
        self.text = note.text
        return len(note.text)

    def visit(self, further: int) -> int:
        self.visits += 1
        if further == 0:
            return 1
        assert self.next is not None
        return 1 + self.next.visit(further - 1)


@pytest.fixture(scope="module")
def flow() -> Any:
    return stateflow.init(Page)


@pytest.fixture
def client(flow: Any) -> Iterator[LocalClient]:
    with LocalRuntime(flow) as runtime, runtime.client(bind=False) as client:
        yield client


def two_pages(client: LocalClient) -> tuple[Page, Page]:
    """Make two pages that follow each other."""
    pages = client.create(Page, "a").get(10), client.create(Page, "b").get(10)
    client.call(Page.follow, pages[0], pages[1]).get(10)
    client.call(Page.follow, pages[1], pages[0]).get(10)
    return pages


def message_bytes(text: str) -> int:
    """Return the size of the request that writes this text."""
    return len(msgspec.msgpack.encode(("call", "Page", "write", "a", (text,), {})))


def test_request_of_the_largest_size_runs_and_one_byte_more_is_refused(client: LocalClient, monkeypatch: pytest.MonkeyPatch) -> None:
    page = client.create(Page, "a").get(10)
    monkeypatch.setattr(request_digests, "MESSAGE_BYTES", message_bytes("x" * 1000))
    assert [client.call(Page.write, page, "x" * count).get(10) for count in (999, 1000)] == [999, 1000]
    with pytest.raises(LimitExceeded, match=r"SF530: request \S+ takes \d+ bytes, more than \d+; send its arguments in parts"):
        client.call(Page.write, page, "y" * 1001).get(10)
    assert client.get(page, "text").get(10) == "x" * 1000


def test_argument_without_a_canonical_form_counts_towards_the_size_of_the_request(
    client: LocalClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = client.create(Page, "a").get(10)
    sizes = []
    for length in (1000, 1001):
        with monkeypatch.context() as patch:
            patch.setattr(request_digests, "MESSAGE_BYTES", 1)
            error = client.call(Page.write_note, page, Note("x" * length)).exception(10)
        assert type(error) is LimitExceeded
        sizes.append(int(str(error).split(" takes ")[1].split(" ")[0]))
    assert sizes[1] == sizes[0] + 1
    monkeypatch.setattr(request_digests, "MESSAGE_BYTES", sizes[0])
    assert [client.call(Page.write_note, page, Note("x" * count)).get(10) for count in (999, 1000)] == [999, 1000]
    with pytest.raises(LimitExceeded, match=r"SF530: request \S+ takes \d+ bytes, more than \d+; send its arguments in parts"):
        client.call(Page.write_note, page, Note("y" * 1001)).get(10)
    assert client.get(page, "text").get(10) == "x" * 1000


@pytest.mark.parametrize("method", ["write", "write_lines"], ids=["flat", "graph"])
def test_state_of_the_largest_size_is_kept_and_one_byte_more_is_undone(
    method: str, client: LocalClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = client.create(Page, "a").get(10)
    overhead = state_bytes(client, page, method, monkeypatch) - 1000
    for module in (values, entity_codec):
        monkeypatch.setattr(module, "VALUE_BYTES", 2000)
    largest = 2000 - overhead
    assert [client.call(page, method, "x" * count).get(10) for count in (largest - 1, largest)] == [largest - 1, largest]
    with pytest.raises(LimitExceeded, match="SF530: Page takes 2001 bytes, more than 2000; split it over several entities"):
        client.call(page, method, "y" * (largest + 1)).get(10)
    text = client.get(page, "text").get(10)
    assert "".join(text) == "x" * largest


def state_bytes(client: LocalClient, page: Page, method: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return the size of the page's state with a text of 1000 characters, as its refusal tells it."""
    with monkeypatch.context() as patch:
        for module in (values, entity_codec):
            patch.setattr(module, "VALUE_BYTES", 500)
        error = client.call(page, method, "x" * 1000).exception(10)
    assert type(error) is LimitExceeded
    return int(str(error).split(" takes ")[1].split(" ")[0])


def test_calls_between_entities_nest_up_to_the_limit_and_one_more_is_undone(client: LocalClient) -> None:
    first, _ = two_pages(client)
    assert client.call(Page.visit, first, CALL_DEPTH - 2).get(30) == CALL_DEPTH - 1
    assert client.call(Page.visit, first, CALL_DEPTH - 1).get(30) == CALL_DEPTH
    visits = client.get(first, "visits").get(10)
    with pytest.raises(RecursionError, match="maximum recursion depth exceeded"):
        client.call(Page.visit, first, CALL_DEPTH).get(30)
    assert client.get(first, "visits").get(10) == visits


@pytest.mark.parametrize("suspends", [False, True], ids=["inline", "suspended"])
def test_call_depth_is_the_same_however_the_calls_run(suspends: bool, flow: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # On both sides of the depth at which calls leave the interpreter's stack.
    with LocalRuntime(flow, suspend_everywhere=suspends) as runtime, runtime.client(bind=False) as client:
        first, _ = two_pages(client)
        for limit in (10, 59, 60, 61, 62, 130):
            monkeypatch.setattr(entry, "CALL_DEPTH", limit)
            assert [client.call(Page.visit, first, limit - below).get(30) for below in (2, 1)] == [limit - 1, limit]
            with pytest.raises(RecursionError):
                client.call(Page.visit, first, limit).get(30)
