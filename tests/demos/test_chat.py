"""The chat keeps the order of messages, loses none, and sends each once to those who listen."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("fastapi")
import httpx

from tests.demos.serving import at_once, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

EACH = 60


@pytest.fixture
def http(load: Callable[[str], ModuleType]) -> Iterator[httpx.Client]:
    with served(load("chat.app").make_app()) as url, httpx.Client(base_url=url, timeout=30) as http:
        yield http


def enter(http: httpx.Client, member: str, room: str = "tea") -> dict[str, Any]:
    answer = http.post("/chat", json={"member": member, "room": room})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def say(http: httpx.Client, text: str, member: str = "ann", room: str = "tea") -> int:
    answer = http.post(f"/chat/{room}", json={"member": member, "text": text})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["number"])


@contextlib.contextmanager
def listening(http: httpx.Client, **headers: str) -> Iterator[Iterator[dict[str, Any]]]:
    with http.stream("GET", "/chat/tea/stream", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield (json.loads(line.removeprefix("data: ")) for line in answer.iter_lines() if line.startswith("data: "))


def test_room_shows_who_is_in_and_how_much_was_said(http: httpx.Client) -> None:
    assert enter(http, "ann") == {"name": "tea", "topic": "", "members": ["ann"], "count": 0}
    assert [enter(http, "bob")["members"] for _ in range(2)] == [["ann", "bob"]] * 2
    say(http, "hello")
    assert http.get("/chat").json() == [{"name": "tea", "topic": "", "members": ["ann", "bob"], "count": 1}]
    assert http.get("/stateflow/Member/bob").json() == {"name": "bob", "rooms": ["tea"]}
    assert http.post("/stateflow/Room/tea/leave", json={"member": "bob"}).json() == 1
    assert http.get("/stateflow/Member/bob").json()["rooms"] == []


def test_pages_of_messages_are_read_backwards_without_gap_or_repeat(http: httpx.Client) -> None:
    enter(http, "ann")
    assert [say(http, f"text {n}") for n in range(123)] == list(range(123))
    found: list[str] = []
    page = http.get("/chat/tea").json()
    while page:
        found = [message["text"] for message in page] + found
        page = http.get("/chat/tea", params={"before": page[0]["number"], "limit": 30}).json()
    assert found == [f"text {n}" for n in range(123)]
    assert len(http.get("/stateflow/Page").json()) == 3


def test_messages_that_come_at_once_are_all_kept_and_numbered_once(http: httpx.Client) -> None:
    for member in ("ann", "bob"):
        enter(http, member)
    numbers: list[int] = []
    bodies = [lambda member=member: numbers.extend([say(http, f"{member} {n}", member) for n in range(EACH)]) for member in ("ann", "bob")]
    at_once(*bodies)
    assert sorted(numbers) == list(range(2 * EACH))
    kept = [http.get("/chat/tea", params={"before": end, "limit": EACH}).json() for end in (EACH, 2 * EACH)]
    texts = [message["text"] for page in kept for message in page]
    for member in ("ann", "bob"):
        assert [text for text in texts if text.startswith(member)] == [f"{member} {n}" for n in range(EACH)]


@pytest.mark.parametrize(
    ("member", "text", "status"), [("bob", "hello", 403), ("nobody", "hello", 404), ("ann", "  ", 422), ("ann", "x" * 2001, 422)]
)
def test_refused_message_leaves_the_room_as_it_was(http: httpx.Client, member: str, text: str, status: int) -> None:
    enter(http, "ann")
    enter(http, "bob", "other")
    answer = http.post("/chat/tea", json={"member": member, "text": text})
    assert answer.status_code == status
    assert (http.get("/chat/tea").json(), http.get("/stateflow/Page").json()) == ([], [])


def test_stream_sends_what_is_there_and_then_what_comes(http: httpx.Client) -> None:
    enter(http, "ann")
    say(http, "before")
    with listening(http) as messages:
        assert next(messages)["text"] == "before"
        for text in ("one", "two"):
            say(http, text)
            assert next(messages)["text"] == text
        # Not by the endpoint that wakes the stream: it looks by itself.
        http.post("/stateflow/Room/tea/post", json={"member": "ann", "text": "by another door"})
        assert next(messages) | {"sent": ""} == {"number": 3, "author": "ann", "text": "by another door", "sent": ""}


def test_stream_that_is_connected_again_goes_on_where_it_was(http: httpx.Client) -> None:
    enter(http, "ann")
    for number in range(5):
        say(http, f"text {number}")
    with listening(http, **{"Last-Event-ID": "2"}) as messages:
        assert [next(messages)["number"] for _ in range(2)] == [3, 4]
    assert http.get("/chat/tea/stream", headers={"Last-Event-ID": "x"}).status_code == 422
    assert http.get("/chat/nowhere/stream").status_code == 404


def test_name_in_any_script_is_a_room_of_its_own(http: httpx.Client) -> None:
    names = ["עברית", "Zoë", "茶", "a b", "a_b"]
    for name in names:
        enter(http, "ann", name)
        say(http, name, room=name)
    assert {name: http.get(f"/chat/{name}").json()[0]["text"] for name in names} == dict(zip(names, names, strict=True))
    for name in ("a/b", " a", "", "x" * 41, "a\n"):
        assert http.post("/chat", json={"member": "ann", "room": name}).status_code == 422


def test_page_and_its_parts_come_from_the_server_itself(http: httpx.Client) -> None:
    page = http.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "http:" not in page.text
    assert "https:" not in page.text
