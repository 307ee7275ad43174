"""Apps with what a user adds to them: nothing that is asked of every request is left out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import stateflow

pytest.importorskip("fastapi")
import httpx
from fastapi import Depends, FastAPI, Header, HTTPException

from stateflow.client import StateflowFuture
from stateflow.client.fastapi import Access, HttpSettings, LocalFastAPIClient, router
from stateflow.client.fastapi.apps import FastAPIClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@stateflow.entity
class Jar:
    def __init__(self, name: str) -> None:
        self.name, self.sweets = name, 0

    def __key__(self) -> str:
        return self.name

    def fill(self, amount: int = 1) -> int:
        self.sweets += amount
        return self.sweets


def _is_known(token: str = Header("")) -> None:
    if token != "sesame":
        raise HTTPException(401, "who are you?")


def _app_with_dependencies(http: LocalFastAPIClient) -> FastAPI:
    return http.get_app(dependencies=[Depends(_is_known)])


def _app_that_includes(http: LocalFastAPIClient) -> FastAPI:
    app = FastAPI()
    app.include_router(router(http.client), dependencies=[Depends(_is_known)])
    return app


@pytest.fixture
def http() -> Iterator[LocalFastAPIClient]:
    made = LocalFastAPIClient(stateflow.init(Jar))
    yield made
    made.runtime.close()


def _ask(app: FastAPI, verb: str, path: str, **given: Any) -> httpx.Response:
    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            return await client.request(verb, f"/stateflow/{path}", **given)

    return asyncio.run(send())


@pytest.mark.parametrize("make", [_app_with_dependencies, _app_that_includes])
def test_dependencies_of_the_app_are_asked_before_every_endpoint(
    http: LocalFastAPIClient, make: Callable[[LocalFastAPIClient], FastAPI]
) -> None:
    app = make(http)
    calls = [("POST", "Jar"), ("GET", "Jar"), ("GET", "Jar/a"), ("POST", "Jar/a/fill"), ("DELETE", "Jar/a"), ("GET", "requests/1")]
    for verb, path in calls:
        assert _ask(app, verb, path, json={"name": "a"} if path == "Jar" else None).status_code == 401, path
    known = {"token": "sesame"}
    assert _ask(app, "POST", "Jar", json={"name": "a"}, headers=known).status_code == 201
    assert _ask(app, "POST", "Jar/a/fill", json={"amount": 2}, headers=known).json() == 2
    assert _ask(app, "POST", "Jar/a/fill", json={"amount": "x"}, headers=known).status_code == 422


_JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("headers", [_JSON, {"Content-Type": "application/json; charset=utf-8"}, {"Content-Type": "text/plain"}, {}])
@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"null", b"[]", b'"x"', b"{", b'{"amount": 2}', b'{"amount": "2"}', b'{"amount": "two"}', b'{"amount": null}',
        b'{"amount": 1, "amount": 3}', b'{"amount": NaN}', b'{"amount": 2.0}', b'{"amount": 2.5}', b'{"amount": true}',
        b'{"more": 1}', b'{"\\u0061mount": 4}', b'{"amount": ' + b"9" * 5_000 + b"}", "{\"amount\": 2}".encode("utf-16"), b"\xff{}",
    ],
)  # fmt: skip
def test_body_is_read_alike_with_the_framework_and_without_it(http: LocalFastAPIClient, body: bytes, headers: dict[str, str]) -> None:
    by_framework = FastAPI()
    by_framework.include_router(router(http.client))
    answers = []
    for app, key in ((http.get_app(), "short"), (by_framework, "long")):
        assert _ask(app, "POST", "Jar", json={"name": key}).status_code == 201
        answer = _ask(app, "POST", f"Jar/{key}/fill", content=body, headers=headers)
        told = answer.json()
        if isinstance(told, dict):
            told.pop("request_id", None)
        answers.append((answer.status_code, answer.headers["content-type"], told))
    assert answers[0] == answers[1]


def test_hook_that_raises_an_answer_of_the_framework_is_heard(http: LocalFastAPIClient) -> None:
    def refuse(_: Access) -> bool:
        raise HTTPException(401, "who are you?", {"WWW-Authenticate": "Bearer"})

    app = FastAPIClient(http.client, HttpSettings(authorize=refuse), http.client.close).get_app()
    answer = _ask(app, "POST", "Jar/a/fill", json={})
    assert (answer.status_code, answer.json()["detail"], answer.headers["WWW-Authenticate"]) == (401, "who are you?", "Bearer")


def test_request_that_is_not_answered_in_time_is_told_its_id(http: LocalFastAPIClient) -> None:
    class Silent(type(http.client)):  # type: ignore[misc]
        def send(self, request: Any) -> StateflowFuture[Any]:
            return StateflowFuture(request.request_id)

    silent = Silent(http.runtime, bind=False, clock=lambda: 1, request_prefix="x")
    app = FastAPIClient(silent, HttpSettings(timeout_s=0.01, outstanding=1), silent.close).get_app()
    answer = _ask(app, "POST", "Jar/a/fill", headers={"Idempotency-Key": "mine"})
    assert (answer.status_code, answer.json()["request_id"], answer.headers["location"]) == (504, "mine", "/stateflow/requests/mine")
    assert _ask(app, "POST", "Jar/a/fill").status_code == 429


def _mounted(app: FastAPI) -> FastAPI:
    outer = FastAPI()
    outer.mount("/shop", app)
    return outer


def _behind_a_proxy(app: FastAPI) -> Any:
    async def proxy(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "root_path": "/shop"}, receive, send)

    return proxy


@pytest.mark.parametrize("put", [_mounted, _behind_a_proxy])
def test_app_below_another_path_is_guarded_as_any(http: LocalFastAPIClient, put: Callable[[FastAPI], Any]) -> None:
    app = put(FastAPIClient(http.client, HttpSettings(body_bytes=100), http.client.close).get_app())

    def ask(verb: str, path: str, **given: Any) -> httpx.Response:
        return _ask(app, verb, f"../shop/stateflow/{path}", **given)

    assert ask("POST", "Jar", json={"name": "a"}).status_code == 201
    assert ask("POST", "Jar/a/fill", json={"amount": 3}).json() == 3
    assert ask("GET", "Jar/a").json() == {"name": "a", "sweets": 3}
    assert ask("POST", "Jar/a/fill", content=b'{"amount": 1' + b" " * 100 + b"}", headers=_JSON).status_code == 413
    assert ask("GET", "Jar/a/fill").headers["allow"] == "POST"
    nowhere = ask("GET", "Jug")
    assert (nowhere.status_code, nowhere.headers["content-type"]) == (404, "application/problem+json")


def test_router_in_an_app_of_the_users_own_has_the_limits_of_its_settings(http: LocalFastAPIClient) -> None:
    app = FastAPI()
    app.include_router(router(http.client, HttpSettings(body_bytes=300)), prefix="/api")

    def ask(verb: str, path: str, content: bytes) -> int:
        return _ask(app, verb, f"../api/stateflow/{path}", content=content, headers=_JSON).status_code

    assert ask("POST", "Jar", b'{"name": "a"}') == 201
    assert ask("POST", "Jar/a/fill", b'{"amount": 3}') == 200
    assert ask("POST", "Jar/a/fill", b'{"amount": 3' + b" " * 300 + b"}") == 413
    assert ask("POST", "Jar/a/fill", b'{"amount": ' + b"[" * 100 + b"]" * 100 + b"}") == 422
    assert ask("GET", "Jar/a", b" " * 301) == 413
