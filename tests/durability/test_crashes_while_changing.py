"""New code dies while it takes a file over: whatever it left, the same requests give the same replies and states."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from stateflow.dataflow import Dataflow
from stateflow.errors import IncompatibleSchema
from stateflow.failpoints import POINTS, watch
from stateflow.protocol.messages import Operation, Request
from tests.crash.images import NAME, Image, put, take, torn, without_index
from tests.durability.versions import Shop, flow_of

OLD = """
    @stateflow.entity
    class User:
        def __init__(self, name: str, balance: int):
            self.name, self.balance, self.friends = name, balance, [self]

        def __key__(self) -> str:
            return self.name

        def pay(self, amount: int, other: "User") -> int:
            self.balance -= amount
            other.balance += amount
            self.friends.append(other)
            return self.balance
"""
NEW = """
    @stateflow.renamed("User")
    @stateflow.entity
    class Customer:
        __version__ = 1

        def __init__(self, name: str, balance: int):
            self.name, self.cents, self.friends = name, balance * 100, [self]
            self.payments = 0

        def __key__(self) -> str:
            return self.name

        def __upgrade__(self, state):
            self.cents = state["balance"] * 100

        @stateflow.renamed("pay")
        def transfer(self, amount: int, other: "Customer") -> int:
            self.cents -= amount * 100
            other.cents += amount * 100
            self.friends.append(other)
            self.payments += 1
            return self.cents
"""
ROOT = Path(__file__).parents[2]
NAMES = ("ann", "bob", "eve")
SENT_BY_OLD = [("old-1", "ann", 3, "bob"), ("old-2", "bob", 1, "ann")]
SENT_BY_NEW = [*SENT_BY_OLD, ("new-1", "ann", 2, "bob"), ("new-2", "eve", 5, "ann"), ("old-2", "bob", 1, "ann"), ("new-3", "bob", 1, "eve")]


def send(shop: Shop, class_name: str, method: str, requests: list[tuple[str, str, int, str]]) -> list[Any]:
    """Send payments one after another."""
    return [
        shop.client.send(
            Request(
                request_id=number, time_ns=1, operation=Operation.CALL, class_name=class_name, key=payer, name=method,
                args=(amount, shop.ref(class_name, payee)),
            )
        ).get(20)
        for number, payer, amount, payee in requests
    ]  # fmt: skip


def run_old(path: Path) -> list[dict[str, Any]]:
    with Shop.open(OLD, path) as shop:
        for name in NAMES:
            shop.create("User", name, 10)
        send(shop, "User", "pay", SENT_BY_OLD)
        return [shop.state("User", name) for name in NAMES]


def run_new(path: Path, flow: Dataflow) -> str:
    """Send everything; return what came of it as text."""
    with Shop.open(flow, path) as shop:
        replies = send(shop, "Customer", "transfer", SENT_BY_NEW)
        return f"{replies} {[shop.state('Customer', name) for name in NAMES]}"


class Moment(NamedTuple):
    """What the files were when something happened."""

    what: str
    image: Image


class Recorder:
    """Keeps the files of a database at each fail point and before each statement."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.moments: list[Moment] = []

    def keep(self, what: str) -> None:
        image = take(self._path)
        if not self.moments or self.moments[-1].image != image or what in POINTS:
            self.moments.append(Moment(what, image))

    def connect(self, *args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = CONNECT(*args, **kwargs)
        connection.set_trace_callback(self.keep)
        return connection


CONNECT = sqlite3.connect


@pytest.fixture(scope="module")
def old_image(tmp_path_factory: pytest.TempPathFactory) -> tuple[Image, list[dict[str, Any]]]:
    path = tmp_path_factory.mktemp("old") / NAME
    states = run_old(path)
    return take(path), states


def recorded(old: Image, folder: Path, flow: Dataflow, monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[Moment]]:
    """Return what an undisturbed run gives, and the files at every moment of it."""
    folder.mkdir()
    path = put(old, folder)
    recorder = Recorder(path)
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", recorder.connect)
        with watch(recorder.keep):
            said = run_new(path, flow)
    return said, recorder.moments


def test_files_of_any_moment_are_taken_over_to_the_same_end(
    old_image: tuple[Image, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow, old = flow_of(NEW), flow_of(OLD)
    said, moments = recorded(old_image[0], tmp_path / "clean", flow, monkeypatch)
    reached = {moment.what for moment in moments}
    assert reached >= POINTS.keys()
    assert len(moments) > len(POINTS)
    refused = []
    for number, moment in enumerate(moments):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = put(moment.image, folder)
        if not is_still_old(path, old, old_image[1]):
            refused.append(moment)
        assert run_new(path, flow) == said, moment.what
    first = next(number for number, moment in enumerate(moments) if moment.what == "after-commit")
    assert refused == moments[first:]


def is_still_old(path: Path, old: Dataflow, states: list[dict[str, Any]]) -> bool:
    """Tell whether the old code goes on with a file, and finds what it wrote; False when it is refused."""
    try:
        with Shop.open(old, path) as shop:
            assert [shop.state("User", name) for name in NAMES] == [
                {**state, "friends": [shop.ref("User", friend._sf_key) for friend in state["friends"]]} for state in states
            ]
    except IncompatibleSchema:
        return False
    return True


@pytest.mark.parametrize("seed", range(6))
def test_power_failure_in_the_first_commit_of_new_code_loses_nothing(
    seed: int, old_image: tuple[Image, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow, draw = flow_of(NEW), random.Random(seed)
    said, moments = recorded(old_image[0], tmp_path / "clean", flow, monkeypatch)
    before = next(moment for moment in moments if moment.what == "before-commit")
    after = next(moment for moment in moments if moment.what == "after-commit")
    folder = tmp_path / "torn"
    folder.mkdir()
    path = put(without_index(torn(before.image, after.image, "-wal", draw), draw), folder)
    assert run_new(path, flow) == said


SCRIPT = """
import sys
import stateflow
import shop
from stateflow.runtime.local import LocalRuntime
from stateflow.protocol.messages import Operation, Request

class_name, method, requests = sys.argv[2], sys.argv[3], [line.split() for line in sys.argv[4:]]
flow = stateflow.init(getattr(shop, class_name))
with LocalRuntime(flow, path=sys.argv[1]) as runtime, runtime.client(bind=False) as client:
    cls = flow.classes[0]
    for number, payer, amount, payee in requests:
        if amount == "new":
            request = Request(request_id=number, time_ns=1, operation=Operation.CREATE, class_name=class_name, args=(payer, 10))
        else:
            call = {"operation": Operation.CALL, "class_name": class_name, "key": payer, "name": method}
            request = Request(request_id=number, time_ns=1, args=(int(amount), client.ref(cls, payee)), **call)
        print(client.send(request).get(20), flush=True)
    print(*(client.state(client.ref(cls, key)).get(20) for key in ("ann", "bob", "eve")))
"""


class Project:
    """A folder with a module, whose text changes, and its database. Each run is a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "run.py").write_text(SCRIPT)

    def run(self, source: str, class_name: str, method: str, requests: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
        (self._folder / "shop.py").write_text("import stateflow\n" + textwrap.dedent(source))
        command = [sys.executable, "-W", "error", "-B", "run.py", NAME, class_name, method, *requests]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **variables}
        return subprocess.run(command, cwd=self._folder, env=environment, capture_output=True, text=True, timeout=60, check=False)

    def run_old(self) -> subprocess.CompletedProcess[str]:
        created = [f"create-{name} {name} new -" for name in NAMES]
        return self.run(OLD, "User", "pay", [*created, *(" ".join(map(str, request)) for request in SENT_BY_OLD)])

    def run_new(self, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.run(NEW, "Customer", "transfer", [" ".join(map(str, request)) for request in SENT_BY_NEW], **variables)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    done = project.run_old()
    assert (done.returncode, done.stderr) == (0, "")
    return project


SAID_BY_NEW = """7
12
600
500
12
1300
{'name': 'ann', 'friends': [Customer('ann'), Customer('bob'), Customer('bob')], 'payments': 1, 'cents': 1100} \
{'name': 'bob', 'friends': [Customer('bob'), Customer('ann'), Customer('eve')], 'payments': 1, 'cents': 1300} \
{'name': 'eve', 'friends': [Customer('eve'), Customer('ann')], 'payments': 1, 'cents': 600}
"""


@pytest.mark.process
def test_process_of_new_code_goes_on_where_that_of_old_code_ended_and_the_old_code_is_refused(project: Project) -> None:
    for _ in range(2):
        done = project.run_new()
        assert (done.stdout, done.stderr) == (SAID_BY_NEW, "")
    refused = project.run_old()
    assert refused.returncode == 1
    assert "IncompatibleSchema: SF570: there are entities of Customer, called User before, which is no class of this flow" in refused.stderr
    assert project.run_new().stdout == SAID_BY_NEW


@pytest.mark.process
@pytest.mark.parametrize("point", ["before-execute:3", "after-execute:3", "amid-write", "before-commit", "after-commit", "before-reply:4"])
def test_new_code_that_is_killed_leaves_a_file_that_it_takes_over_again(point: str, project: Project) -> None:
    killed = project.run_new(STATEFLOW_TESTING="1", STATEFLOW_FAIL_POINT=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert SAID_BY_NEW.startswith(killed.stdout)
    done = project.run_new()
    assert (done.stdout, done.stderr) == (SAID_BY_NEW, "")
