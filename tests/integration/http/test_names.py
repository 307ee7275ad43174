"""Names and keys as hostile as they come, over a real connection: the right entity or a clean refusal, never another one."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest

import stateflow

pytest.importorskip("fastapi")
from stateflow.client.fastapi import LocalFastAPIClient
from stateflow.client.key_text import to_text
from tests.demos.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.process


class Named:
    def inherited(self) -> str:
        return "inherited"


@stateflow.entity
class Thing(Named):
    kind = "thing"

    def __init__(self, name: str) -> None:
        self.name, self.touched = name, 0

    def __key__(self) -> str:
        return self.name

    def touch(self) -> int:
        self.touched += 1
        return self.touched

    @property
    def shown(self) -> str:
        return self.name

    def _private(self) -> int:
        return self.touch()


FLOW = stateflow.init(Thing)
KEYS = [
    "../", "..", ".", "../../etc/passwd", "%00", "%2F", "%2e%2e", "a/b", "a\\b", "new\nline", "carriage\rreturn", "\x00", "~", "~x",
    "?q=1", "#part",
    "+", " ", "",
    "\u202eright-to-left", "עברית", "\u0430dmin", "admin", "\uff41dmin", "e\u0301", "\u00e9", "\U0001f600", "x" * 2000, "requests",
]  # fmt: skip


class Raw:
    """Sends paths as they are: other clients tidy them up first."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(self._address, timeout=30)
        given = None if body is None else json.dumps(body)
        connection.request(method, path, given, {"Content-Type": "application/json"} if given else {})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if text else None


@pytest.fixture
def raw() -> Iterator[Raw]:
    client = LocalFastAPIClient(FLOW)
    with served(client.get_app()) as url:
        yield Raw(url)


def path_of(key: str) -> str:
    # A server or a proxy may take dots for a step up, so such a key goes by its encoding.
    return f"/stateflow/Thing/{quote(to_text(key), safe='').replace('.', '%2E')}"


def test_each_odd_key_is_an_entity_of_its_own(raw: Raw) -> None:
    for key in KEYS:
        assert raw("POST", "/stateflow/Thing", {"name": key})[0] == 201, key
    for number, key in enumerate(KEYS):
        for _ in range(number % 3):
            assert raw("POST", f"{path_of(key)}/touch")[0] == 200, key
    for number, key in enumerate(KEYS):
        assert raw("GET", path_of(key)) == (200, {"name": key, "touched": number % 3})
    listed: list[str] = []
    while page := raw("GET", "/stateflow/Thing?limit=7" + (f"&after={quote(listed[-1], safe='')}" if listed else ""))[1]:
        listed += page
    # A list has keys in the form in which they stand in paths.
    assert sorted(listed) == sorted(map(to_text, KEYS))


@pytest.mark.parametrize(
    "path",
    [
        "../Thing/a",
        "%2E%2E/Thing/a",
        "a/../a",
        "a%2Ftouch",
        "%2Fa",
        "a%5C..%5Cb",
        "a%00",
        "a%0A",
        "%ff",
        "a;b",
        "%C0%AE%C0%AE",
        "\uff41".encode().hex(),
    ],
)
def test_path_that_is_no_key_of_an_entity_reaches_none(raw: Raw, path: str) -> None:
    raw("POST", "/stateflow/Thing", {"name": "a"})
    for method, after in (("POST", "/touch"), ("DELETE", "")):
        status, problem = raw(method, f"/stateflow/Thing/{path}{after}")
        assert status in (400, 404, 405), problem
        assert problem["status"] == status
    assert raw("GET", "/stateflow/Thing/a") == (200, {"name": "a", "touched": 0})


def test_key_that_is_too_long_is_refused(raw: Raw) -> None:
    key = "x" * 10_000
    assert raw("POST", "/stateflow/Thing", {"name": key})[0] in (400, 422)
    assert raw("GET", f"/stateflow/Thing/{key}")[0] in (404, 414, 422)
    assert raw("GET", "/stateflow/Thing") == (200, [])


@pytest.mark.parametrize(
    "name",
    [
        "__init__", "__class__", "__key__", "__dict__", "__getattribute__", "__reduce__", "__subclasshook__", "_private", "_sf_key",
        "by_key", "kind", "name", "shown", "mro", "\u0442ouch", "touc\uff48", "TOUCH", "touch%20", "touch%00", "touch.__call__",
    ],
)  # fmt: skip
def test_name_that_is_no_public_method_is_no_endpoint(raw: Raw, name: str) -> None:
    raw("POST", "/stateflow/Thing", {"name": "a"})
    status, problem = raw("POST", f"/stateflow/Thing/a/{quote(name, safe='%')}", {})
    assert (status in (400, 404), problem["status"]) == (True, status)
    assert raw("GET", "/stateflow/Thing/a") == (200, {"name": "a", "touched": 0})


def test_inherited_method_is_an_endpoint(raw: Raw) -> None:
    raw("POST", "/stateflow/Thing", {"name": "a"})
    assert raw("POST", "/stateflow/Thing/a/inherited") == (200, "inherited")


@pytest.mark.parametrize("name", ["thing", "Named", "object", "__main__", "Th\u0456ng", "\uff34hing", "Thing%00", "Thing.Thing"])
def test_name_that_is_no_entity_class_is_no_endpoint(raw: Raw, name: str) -> None:
    status, problem = raw("POST", f"/stateflow/{quote(name, safe='%')}", {"name": "a"})
    assert (status in (400, 404, 405), problem["status"]) == (True, status)
    assert raw("GET", "/stateflow/Thing") == (200, [])
