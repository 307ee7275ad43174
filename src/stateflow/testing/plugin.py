"""The pytest plugin. pytest loads it in every project where StateFlow is installed, so it imports nothing until a fixture is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stateflow.dataflow import Dataflow
    from stateflow.runtime.local import LocalClient
    from stateflow.testing.clock import Clock
    from stateflow.testing.crash_plan import Crash
    from stateflow.testing.restartable import RestartableRuntime
    from stateflow.testing.settings import Settings

__all__ = [
    "stateflow_client",
    "stateflow_clock",
    "stateflow_crash",
    "stateflow_flow",
    "stateflow_path",
    "stateflow_runtime",
    "stateflow_suspend_everywhere",
]

_SUSPEND: dict[str, bool | str] = {"inline": False, "everywhere": True, "both": "both"}
_SETTINGS_MARKER = (
    "stateflow(classes=(), suspend_everywhere=False, durable=False, seed=0, bind=True, options=None): "
    "how the fixtures of StateFlow run this test"
)
_CRASH_MARKER = (
    "stateflow_crash(point, nth=1, everywhere=False): crash the runtime of this test at a fail point, or once at each that it passes, "
    "and let it start again"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("stateflow", "tests of StateFlow entities")
    group.addoption(
        "--stateflow-suspend",
        choices=list(_SUSPEND),
        default="inline",
        help="run methods to their end (inline), suspend them at every call of another entity (everywhere), or run each test both ways",
    )
    group.addoption("--stateflow-seed", type=int, default=0, metavar="N", help="makes request ids, random numbers, unique ids (default: 0)")
    group.addoption("--stateflow-durable", action="store_true", help="keep the state of each test in a file")
    parser.addini("stateflow_flow", type="args", help="the entity classes of all tests: modules, module:Class, or one module:dataflow")


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    config.addinivalue_line("markers", _SETTINGS_MARKER)
    config.addinivalue_line("markers", _CRASH_MARKER)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test twice that is to run both ways."""
    name = "stateflow_suspend_everywhere"
    if name not in metafunc.fixturenames or name in _parametrised(metafunc):
        return
    if _settings(metafunc.definition).suspend_everywhere == "both":
        metafunc.parametrize(name, [False, True], ids=["inline", "suspended"])


@pytest.fixture
def stateflow_clock() -> Clock:
    """Return the clock of the test's runtime, which stands still at noon of 2025-01-01 UTC until the test moves it."""
    from stateflow.testing.clock import Clock

    return Clock()


@pytest.fixture
def stateflow_flow(request: pytest.FixtureRequest) -> Dataflow:
    """Return the compiled classes of the test.

    They are those of the marker `stateflow`, else those of the setting `stateflow_flow`, else the entity classes that the test module
    names with those of the modules that define them. Define a fixture of this name to say it otherwise.
    """
    from stateflow.errors import CompileError, ConfigurationError

    problem = (
        f"SF540: {request.module.__name__} names no entity class; import one there, mark the test with "
        "@pytest.mark.stateflow(classes=[User, Item]), or set stateflow_flow in the configuration of pytest"
    )
    try:
        if (flow := _flow(request)) is not None:
            return flow
    except (CompileError, ConfigurationError) as error:
        problem = str(error)
    _refuse(problem)


def _flow(request: pytest.FixtureRequest) -> Dataflow | None:
    from stateflow.testing.flows import classes_of_module, compiled, flow_of_targets

    if named := _settings(request.node).classes:
        return compiled(named)
    if targets := request.config.getini("stateflow_flow"):
        return flow_of_targets(targets)
    found = classes_of_module(request.module)
    return compiled(found) if found else None


@pytest.fixture
def stateflow_suspend_everywhere(request: pytest.FixtureRequest) -> bool:
    """Tell whether methods suspend at every suspension point; results are the same. Parametrise it, mark the test, or use the option."""
    return bool(_settings(request.node).suspend_everywhere)


@pytest.fixture
def stateflow_path(request: pytest.FixtureRequest) -> Path | None:
    """Return the file that keeps the state of the test; None keeps it in memory."""
    if not _settings(request.node).durable:
        return None
    folder: Path = request.getfixturevalue("tmp_path")
    return folder / "stateflow.db"


@pytest.fixture
def stateflow_crash(request: pytest.FixtureRequest) -> Crash | list[Crash] | None:
    """Return the crashes that the markers `stateflow_crash` ask for. Parametrise it with `stateflow.testing.crashes()` to try each."""
    from stateflow.testing.crash_plan import Crash, crashes

    wanted: list[Crash] = []
    for mark in request.node.iter_markers("stateflow_crash"):
        wanted += crashes() if _is_everywhere(mark) else [Crash(*mark.args, **mark.kwargs)]
    return wanted


@pytest.fixture
def stateflow_runtime(
    request: pytest.FixtureRequest,
    stateflow_flow: Dataflow,
    stateflow_clock: Clock,
    stateflow_suspend_everywhere: bool,
    stateflow_path: Path | None,
    stateflow_crash: Crash | list[Crash] | None,
) -> Iterator[RestartableRuntime]:
    """Run the classes of the test on the embedded engine, let it crash where the test says so, and end it after the test."""
    from stateflow.testing.restartable import RestartableRuntime

    settings = _settings(request.node)
    with RestartableRuntime(
        stateflow_flow,
        path=stateflow_path,
        suspend_everywhere=stateflow_suspend_everywhere,
        seed=settings.seed,
        clock=stateflow_clock,
        options=settings.options,
    ) as runtime:
        _plan(runtime, stateflow_crash)
        yield runtime
        everywhere = any(_is_everywhere(mark) for mark in request.node.iter_markers("stateflow_crash"))
        if runtime.missing_crashes and not (everywhere and runtime.crashes):
            missing = ", ".join(map(str, runtime.missing_crashes))
            _refuse(f"SF540: the test ended without the crash at {missing}; its requests did not pass there")


def _plan(runtime: RestartableRuntime, wanted: Crash | list[Crash] | None) -> None:
    from stateflow.errors import ConfigurationError

    try:
        for crash in wanted if isinstance(wanted, list) else [wanted] if wanted is not None else []:
            runtime.crash_at(*crash)
        return
    except ConfigurationError as error:
        problem = str(error)
    _refuse(problem)


def _is_everywhere(mark: pytest.Mark) -> bool:
    return bool(mark.kwargs.get("everywhere"))


@pytest.fixture
def stateflow_client(request: pytest.FixtureRequest, stateflow_runtime: RestartableRuntime) -> Iterator[LocalClient]:
    """Return a client of the test's runtime. The classes are bound to it: `User("ann")` creates, unless the marker says `bind=False`."""
    with stateflow_runtime.client(bind=_settings(request.node).bind) as client:
        yield client


def _settings(node: pytest.Item) -> Settings:
    from stateflow.errors import ConfigurationError
    from stateflow.testing.settings import Settings, settings_of

    option = node.config.getoption
    given = Settings(
        suspend_everywhere=_SUSPEND[option("--stateflow-suspend")],
        seed=option("--stateflow-seed"),
        durable=option("--stateflow-durable"),
    )
    # Keywords only: pytest takes a marker with one class as its argument for a decorator of that class.
    markers = [{**mark.kwargs, **dict.fromkeys(map(repr, mark.args))} for mark in node.iter_markers("stateflow")]
    try:
        return settings_of(markers, given)
    except ConfigurationError as error:
        problem = str(error)
    _refuse(problem)


def _parametrised(metafunc: pytest.Metafunc) -> set[str]:
    """Return the names of the arguments that the test's own markers give values."""
    names: set[str] = set()
    for mark in metafunc.definition.iter_markers("parametrize"):
        argnames: Any = mark.args[0] if mark.args else mark.kwargs["argnames"]
        names |= set(argnames.replace(",", " ").split() if isinstance(argnames, str) else argnames)
    return names


def _refuse(message: str) -> NoReturn:
    pytest.fail(message, pytrace=False)
