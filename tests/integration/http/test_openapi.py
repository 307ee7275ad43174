"""The demos behind HTTP, asked everything that their OpenAPI allows, and what it does not allow."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

import stateflow
from tests.demos.scripts import SCRIPTS
from tests.demos.web_scripts import WEB_SCRIPTS

pytest.importorskip("fastapi")
pytest.importorskip("schemathesis")
import jsonschema_rs
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    status_code_conformance,
)

from stateflow.cli.modules import load_classes
from stateflow.client.fastapi import LocalFastAPIClient
from stateflow.client.key_text import to_text

if TYPE_CHECKING:
    from collections.abc import Iterator

DEMOS = Path(__file__).parents[3] / "demos"
EXAMPLES = 8
DEMO_MODULES = {name.partition(".")[0] for name in (*SCRIPTS, *WEB_SCRIPTS)}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance]


class Population:
    """Fills an app with the entities of a demo's script; what the script provokes on purpose is no matter here."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.ref = client.ref

    def create(self, cls: type, *args: Any) -> Any:
        return self._try(lambda: self._client.create(cls, *args))

    def call(self, entity: Any, method: str, *args: Any) -> Any:
        return self._try(lambda: self._client.call(entity, method, *args))

    def get(self, entity: Any, name: str) -> Any:
        return self._try(lambda: self._client.get(entity, name))

    def _try(self, send: Any) -> Any:
        with contextlib.suppress(Exception):
            return send().get()


class Demo(NamedTuple):
    """A demo behind HTTP, with entities in it."""

    app: Any
    client: Any


@pytest.fixture(params=[*SCRIPTS, *WEB_SCRIPTS])
def demo(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Demo]:
    name = request.param
    monkeypatch.syspath_prepend(str(DEMOS))
    module = importlib.import_module(name)
    if name in WEB_SCRIPTS:
        app = importlib.import_module(name.replace("entities", "app")).make_app()
    else:
        app = LocalFastAPIClient(stateflow.init(*load_classes(name))).get_app()
    client = app.state.stateflow_client
    {**SCRIPTS, **WEB_SCRIPTS}[name](module, Population(client))
    yield Demo(app, client)
    asyncio.run(_end(app))
    client.close()
    for loaded in [loaded for loaded in sys.modules if loaded.partition(".")[0] in DEMO_MODULES]:
        del sys.modules[loaded]


async def _end(app: Any) -> None:
    async with app.router.lifespan_context(app):
        pass


def test_answers_are_what_the_schema_says_and_never_an_error_of_the_server(demo: Demo) -> None:
    keys = {
        cls.__name__: [quote(to_text(demo.client.key(ref)), safe="") for ref in demo.client.list(cls).get()]
        for cls in demo.client.flow.classes
    }
    operations = [result.ok() for result in schemathesis.openapi.from_asgi("/openapi.json", demo.app).get_all_operations()]
    assert len(operations) > len(keys) * 4
    assert {op.label: failure for op in operations if (failure := _ask(op, _keys_of(op.path, keys)))} == {}


def _keys_of(path: str, keys: dict[str, list[str]]) -> list[str]:
    parts = path.split("/")
    return keys.get(parts[2], []) if parts[1] == "stateflow" else keys.get("Room", [])


def _check_body(operation: Any, answer: Any) -> None:
    # The library's own check of bodies rewrites the schemas of tuples inside other types to a form that its validator refuses.
    content = operation.definition.raw["responses"][str(answer.status_code)].get("content", {})
    for media_type, described in content.items():
        if answer.headers["content-type"][0].split(";")[0] == media_type:
            schema = {**described["schema"], "components": operation.schema.raw_schema.get("components", {})}
            jsonschema_rs.Draft202012Validator(schema).validate(answer.json())


def _ask(operation: Any, keys: list[str]) -> str:
    """Send some requests of one operation; return what was wrong with an answer, with the request that shows it."""

    @hypothesis.seed(0)
    @hypothesis.settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @hypothesis.given(case=operation.as_strategy(), key=st.sampled_from([None, *keys]))
    def ask(case: Any, key: str | None) -> None:
        for name in {"key", "room"} & set(case.path_parameters or {}):
            case.path_parameters[name] = case.path_parameters[name] if key is None else key
        answer = case.call()
        case.validate_response(answer, checks=CHECKS)
        _check_body(operation, answer)

    try:
        ask()
    except Exception as error:
        return f"{error}"
    return ""
