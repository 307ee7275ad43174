"""Apps with what a user adds to them: nothing that is asked of every request is left out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import stateflow

pytest.importorskip("fastapi")
import httpx
from fastapi import Depends, FastAPI, Header, HTTPException

from stateflow.client.fastapi import LocalFastAPIClient, router

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
