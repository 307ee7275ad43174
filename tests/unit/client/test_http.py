"""Endpoints: the right entity or a clean refusal, each request once, nothing told that should not be."""

from __future__ import annotations

import asyncio
import dataclasses
import enum
import re
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import pytest

import stateflow

pytest.importorskip("fastapi")
import httpx
from fastapi import Depends, FastAPI

from stateflow.client import StateflowClient
from stateflow.client.fastapi import Access, HttpSettings, LocalFastAPIClient, stateflow_client
from stateflow.client.fastapi.json_values import JsonAnswer, to_json
from stateflow.client.fastapi.problems import problem_of
from stateflow.client.key_text import BadKey, from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass
class Size:
    width: int
    height: int


class TooSmall(Exception):
    """Says what is too small."""


@stateflow.entity
class Box:
    """Something to put things in."""

    def __init__(self, name: str, size: Size, colour: Colour = Colour.RED) -> None:
        self.name, self.size, self.colour = name, size, colour
        self.content: list[Box] = []
        self.count = 0

    def __key__(self) -> str:
        return self.name

    def add(self, amount: int = 1, *, twice: bool = False) -> int:
        """Count."""
        self.count += amount * (2 if twice else 1)
        return self.count

    def put(self, other: Box, others: list[Box] | None = None) -> list[Box]:
        """Put boxes in."""
        self.content += [other, *(others or [])]
        return self.content

    def shrink(self, by: int) -> Size:
        if by >= self.size.width:
            raise TooSmall("width", self.size.width)
        self.size = Size(self.size.width - by, self.size.height)
        return self.size

    def anything(self, value):  # type: ignore[no-untyped-def]
        return value

    def _hidden(self) -> int:
        return 1


@stateflow.entity
class Ticket:
    def __init__(self, number: int) -> None:
        self.number = number

    def __key__(self) -> int:
        return self.number


FLOW = stateflow.init(Box, Ticket)
SIZE = {"width": 3, "height": 4}


class Http:
    """Sends requests to an app in this process."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def __call__(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(method, path, **arguments)

        return asyncio.run(send())


@pytest.fixture
def serve() -> Iterator[Callable[..., Http]]:
    made: list[LocalFastAPIClient] = []

    def start(**settings: Any) -> Http:
        made.append(LocalFastAPIClient(FLOW, settings=HttpSettings(**settings)))
        return Http(made[-1].get_app())

    yield start
    for client in made:
        client.runtime.close()


@pytest.fixture
def http(serve: Callable[..., Http]) -> Http:
    http = serve()
    assert http("POST", "/stateflow/Box", json={"name": "a", "size": SIZE}).status_code == 201
    return http


def test_each_method_has_an_endpoint_and_nothing_else_has(http: Http) -> None:
    paths = set(http("GET", "/openapi.json").json()["paths"])
    methods = ("add", "put", "shrink", "anything")
    assert {path for path in paths if "{key}/" in path} == {f"/stateflow/Box/{{key}}/{name}" for name in methods}
    for name in ("_hidden", "__init__", "__class__", "__key__", "by_key", "name", "\uff41dd"):
        assert http("POST", f"/stateflow/Box/a/{quote(name)}", json={}).status_code == 404


def test_created_entity_is_named_by_its_key(http: Http) -> None:
    created = http("POST", "/stateflow/Box", json={"name": "b", "size": SIZE, "colour": "blue"})
    assert (created.status_code, created.json()) == (201, {"class": "Box", "key": "b"})
    assert http("GET", "/stateflow/Box/b").json() == {"name": "b", "size": SIZE, "colour": "blue", "content": [], "count": 0}
    assert http("POST", "/stateflow/Box", json={"name": "b", "size": SIZE}).status_code == 409


def test_arguments_keep_their_defaults_and_names(http: Http) -> None:
    assert http("POST", "/stateflow/Box/a/add").json() == 1
    assert http("POST", "/stateflow/Box/a/add", json={"amount": 5}).json() == 6
    assert http("POST", "/stateflow/Box/a/add", json={"amount": 2, "twice": True}).json() == 10
    assert http("POST", "/stateflow/Box/a/add", json={"twice": True}).json() == 12


def test_schema_shows_the_defaults_of_the_method(http: Http) -> None:
    schemas = http("GET", "/openapi.json").json()["components"]["schemas"]
    assert {name: field["default"] for name, field in schemas["Box_add"]["properties"].items()} == {"amount": 1, "twice": False}
    assert [field.get("default") for field in schemas["Box"]["properties"].values()] == [None, None, "red"]


def test_entities_are_given_and_returned_as_keys(http: Http) -> None:
    answer = http("POST", "/stateflow/Box/a/put", json={"other": "a", "others": ["x", "y z"]})
    assert answer.json() == ["a", "x", "y z"]
    assert http("POST", "/stateflow/Box/a/put", json={"other": 3}).status_code == 422


def test_bad_input_is_refused_with_its_path(http: Http) -> None:
    for body, path in [({"amount": "many"}, "body.amount"), ({"amonut": 1}, "body.amonut"), ({"twice": []}, "body.twice")]:
        answer = http("POST", "/stateflow/Box/a/add", json=body)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert path in [fault["path"] for fault in answer.json()["faults"]]
    assert http("GET", "/stateflow/Box/a").json()["count"] == 0


def test_untyped_parameter_takes_any_json(http: Http) -> None:
    value = {"a": [1, 2.5, None, "text"]}
    assert http("POST", "/stateflow/Box/a/anything", json={"value": value}).json() == value


def test_exception_of_a_method_is_a_problem_document_without_a_traceback(serve: Callable[..., Http]) -> None:
    http = serve(statuses={TooSmall: 418})
    http("POST", "/stateflow/Box", json={"name": "a", "size": SIZE})
    answer = http("POST", "/stateflow/Box/a/shrink", json={"by": 9})
    assert answer.status_code == 418
    assert answer.json()["exception"] == "TooSmall"
    assert answer.json()["args"] == ["width", 3]
    assert "Traceback" not in answer.text
    assert http("GET", "/stateflow/Box/a").json()["size"] == SIZE


def test_same_idempotency_key_changes_state_once(http: Http) -> None:
    answers = [http("POST", "/stateflow/Box/a/add", json={"amount": 7}, headers={"Idempotency-Key": "k"}) for _ in range(3)]
    assert [answer.json() for answer in answers] == [7, 7, 7]
    assert answers[0].headers["stateflow-request-id"] == "k"
    assert http("GET", "/stateflow/requests/k").json() == 7
    assert http("GET", "/stateflow/Box/a").json()["count"] == 7
    other = http("POST", "/stateflow/Box/a/add", json={"amount": 8}, headers={"Idempotency-Key": "k"})
    assert other.status_code == 422
    assert http("POST", "/stateflow/Box/a/add", headers={"Idempotency-Key": "with space"}).status_code == 422


def test_request_that_prefers_so_is_answered_at_once_and_has_its_reply_later(http: Http) -> None:
    answer = http("POST", "/stateflow/Box/a/add", json={"amount": 2}, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202
    assert http("GET", answer.headers["location"]).json() == 2


def test_hook_sees_who_wants_what_and_decides(serve: Callable[..., Http]) -> None:
    seen: list[tuple[str, str, Any, str]] = []

    def authorize(access: Access) -> bool:
        seen.append((access.operation, access.class_name, access.key, access.method))
        return access.request.headers.get("x-user") == "ann"

    http = serve(authorize=authorize)
    assert http("POST", "/stateflow/Box", json={"name": "a", "size": SIZE}).status_code == 403
    assert http("POST", "/stateflow/Box", json={"name": "a", "size": SIZE}, headers={"X-User": "ann"}).status_code == 201
    assert http("POST", "/stateflow/Box/a/add").status_code == 403
    assert http("GET", "/stateflow/Box/a").status_code == 403
    assert http("GET", "/stateflow/Box").status_code == 403
    assert seen == [("create", "Box", None, "")] * 2 + [("call", "Box", "a", "add"), ("state", "Box", "a", ""), ("list", "Box", None, "")]


@pytest.mark.parametrize("key", ["..", "~", "%2F", "a b", "é", "עברית", "line\nbreak", "x" * 900, "a?b#c", "%00", "'", "a/b", "", "nul\0"])
def test_odd_key_reaches_its_own_entity(http: Http, key: str) -> None:
    assert http("POST", "/stateflow/Box", json={"name": key, "size": SIZE}).status_code == 201
    path = f"/stateflow/Box/{quote(to_text(key), safe='').replace('..', '%2E%2E')}"
    if key == "..":
        path = "/stateflow/Box/~" + to_text("~..")[1:]
        assert http("GET", "/stateflow/Box/%2E%2E").status_code in (200, 404)
        return
    answer = http("GET", path)
    assert answer.status_code == 200
    assert answer.json()["name"] == key


def test_encoded_slash_never_becomes_the_border_of_two_parts(http: Http) -> None:
    assert http("POST", "/stateflow/Box/a%2Fadd").status_code == 400
    assert http("POST", "/stateflow/Box/b%2F..%2Fa/add").status_code == 400
    assert http("GET", "/stateflow/Box/a").json()["count"] == 0


def test_key_of_another_type_is_refused(http: Http) -> None:
    http("POST", "/stateflow/Ticket", json={"number": 5})
    assert http("GET", "/stateflow/Ticket/5").json() == {"number": 5}
    for text in ("05", "5.0", "five", "\u0665", "+5", " 5"):
        assert http("GET", f"/stateflow/Ticket/{quote(text)}").status_code == 404


@pytest.mark.parametrize("key", ["plain", "", "~x", "a/b", 5, -3, 10**30, b"\x00\xff", ("a", 1), True])
def test_key_in_a_path_is_the_key_again(key: object) -> None:
    assert from_text(to_text(key), type(key)) == key
    assert type(from_text(to_text(key), type(key))) is type(key)


def test_text_that_is_no_key_is_refused() -> None:
    for text, kind in [("~!!", str), ("~AAAA", str), ("1e3", int), ("x", bytes)]:
        with pytest.raises(BadKey):
            from_text(text, kind)


def test_body_that_is_too_large_or_too_deep_is_refused(serve: Callable[..., Http]) -> None:
    http = serve(body_bytes=1000)
    assert http("POST", "/stateflow/Box", content=b"x" * 1001).status_code == 413
    assert http("POST", "/stateflow/Box", content=b"[" * 65 + b"]" * 65).status_code == 422
    brackets = http("POST", "/stateflow/Box", content=b'{"name": "' + b"[" * 200 + b'"}', headers={"Content-Type": "application/json"})
    assert brackets.json()["faults"][0]["path"] == "body.size"


def test_keys_are_listed_in_order_and_by_pages(http: Http) -> None:
    for name in ("c", "b"):
        http("POST", "/stateflow/Box", json={"name": name, "size": SIZE})
    assert http("GET", "/stateflow/Box").json() == ["a", "b", "c"]
    assert http("GET", "/stateflow/Box?limit=1&after=a").json() == ["b"]
    assert http("GET", "/stateflow/Box?limit=0").status_code == 422


def test_too_many_requests_are_told_when_to_come_again(serve: Callable[..., Http]) -> None:
    answer = serve(outstanding=0)("POST", "/stateflow/Box", json={"name": "a", "size": SIZE})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("PUT", "/Box/a", 405), ("TRACE", "/Box/a", 405), ("GET", "/Box/a/nothing", 404), ("GET", "/x", 404), ("POST", "/Box/a/count", 404)],
)
def test_path_without_an_endpoint_is_refused_in_the_form_of_all_refusals(http: Http, method: str, path: str, status: int) -> None:
    answer = http(method, f"/stateflow{path}")
    assert (answer.status_code, answer.json()["status"], answer.headers["content-type"]) == (status, status, "application/problem+json")
    assert answer.headers.get("allow") == ("DELETE, GET" if status == 405 else None)


def test_path_outside_the_root_keeps_the_answers_of_the_framework(http: Http) -> None:
    assert http("GET", "/nothing").json() == {"detail": "Not Found"}


def test_bytes_in_a_path_that_are_no_text_name_no_entity(http: Http) -> None:
    for path in ("/stateflow/Box/%ff", "/stateflow/Box?after=%ff"):
        assert http("GET", path).status_code == 400


def test_half_of_a_surrogate_pair_is_refused_as_an_argument_and_told_as_a_result(http: Http) -> None:
    headers = {"content-type": "application/json"}
    assert http("POST", "/stateflow/Box/a/anything", content=rb'{"value": "\ud800"}', headers=headers).status_code == 422
    assert http("POST", "/stateflow/Box/a/anything", content=rb'{"value": "\ud83d\ude00"}', headers=headers).json() == "\U0001f600"
    assert JsonAnswer(to_json(["\ud800"])).body == rb'["\ud800"]'
    assert to_json({"\ud800": 1}) == {"type": "dict", "text": r"{'\ud800': 1}"}


def test_integer_that_is_too_long_for_python_is_refused_as_an_argument_and_told_as_a_result(http: Http) -> None:
    headers = {"content-type": "application/json"}
    too_long, long = (b'{"amount": ' + b"9" * digits + b"}" for digits in (4301, 4300))
    refused = http("POST", "/stateflow/Box/a/add", content=too_long, headers=headers)
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    assert http("POST", "/stateflow/Box/a/add", content=long, headers=headers).status_code == 200
    assert http("POST", "/stateflow/Box/a/add", content=long, headers=headers).json() == {"type": "int", "text": hex(2 * (10**4300 - 1))}


def test_request_id_that_no_header_can_carry_is_unknown(http: Http) -> None:
    for text in ("\U000dedbc", "a\nb: c", "x" * 201):
        assert http("GET", f"/stateflow/requests/{quote(text)}").status_code == 404


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise ValueError


def test_exception_that_cannot_say_what_it_is_has_its_type_as_text() -> None:
    assert b'"detail":"Unspeakable"' in problem_of(Unspeakable(), {}, "").body


@pytest.mark.parametrize("request_id", ["a/b", "50%", "a?b#c", "/x/", "~!$&'()*+,;=:@"])
def test_location_of_a_reply_leads_to_it_whatever_the_request_id_is(http: Http, request_id: str) -> None:
    headers = {"Idempotency-Key": request_id, "Prefer": "respond-async"}
    answer = http("POST", "/stateflow/Box/a/add", json={"amount": 4}, headers=headers)
    assert (answer.status_code, answer.json()) == (202, {"request_id": request_id})
    assert http("GET", answer.headers["location"]).json() == 4


def test_half_of_a_surrogate_pair_in_another_encoding_ends_in_no_error_of_the_server(http: Http) -> None:
    body = '{"name": "\\ud800", "size": {"width": 1, "height": 1}}'.encode("utf-16")
    answer = http("POST", "/stateflow/Box", content=body, headers={"content-type": "application/json"})
    assert answer.status_code < 500
    assert http("GET", "/stateflow/Box").status_code == 200


def test_pages_of_documentation_load_nothing_from_another_host(http: Http) -> None:
    for page in ("/docs", "/redoc"):
        answer = http("GET", page)
        loaded = re.findall(r"""<(?:script|link)[^>]*?(?:src|href)="([^"]+)""", answer.text)
        assert (answer.status_code, len(loaded) >= 2) == (200, True)
        assert {name: http("GET", name).status_code for name in loaded} == dict.fromkeys(loaded, 200)
        assert all(name.startswith("/") and not name.startswith("//") for name in loaded)


def test_app_that_is_to_have_no_documentation_has_none() -> None:
    client = LocalFastAPIClient(FLOW)
    http = Http(client.get_app(openapi_url=None))
    client.runtime.close()
    assert [http("GET", page).status_code for page in ("/docs", "/redoc", "/openapi.json")] == [404] * 3


def test_own_endpoint_answers_exceptions_of_entities_as_the_others_do() -> None:
    client = LocalFastAPIClient(FLOW, settings=HttpSettings(statuses={TooSmall: 418}))
    app = client.get_app()

    @app.post("/shrink/{name}")
    async def shrink(name: str, client: Annotated[StateflowClient, Depends(stateflow_client)]) -> dict[str, int]:
        return {"width": (await client.call(Box.shrink, client.ref(Box, name), 9)).width}

    http = Http(app)
    assert http("POST", "/stateflow/Box", json={"name": "a", "size": SIZE}).status_code == 201
    own, generated = http("POST", "/shrink/a"), http("POST", "/stateflow/Box/a/shrink", json={"by": 9})
    assert (own.status_code, own.json()["exception"], own.headers["content-type"]) == (418, "TooSmall", "application/problem+json")
    assert own.json() == {name: value for name, value in generated.json().items() if name != "request_id"}
    assert (http("POST", "/shrink/b").status_code, http("POST", "/shrink/b").json()["type"]) == (404, "urn:stateflow:SF501")
    client.runtime.close()
