"""A repeated request gets the reply of the first, or is refused: it never runs twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from stateflow.errors import ConfigurationError, EntityAlreadyExists, RequestExpired, RequestIdReused
from stateflow.options import LocalOptions
from stateflow.protocol.messages import Operation, Request
from stateflow.references import Reference
from stateflow.runtime.local import LocalRuntime
from tests.durability.ledgers import Account, Note, call, create, flow

FLOW = flow()
KINDS = [pytest.param(True, id="file"), pytest.param(False, id="memory")]


def runtime_over(tmp_path: Path, is_file: bool, **options: Any) -> LocalRuntime:
    return LocalRuntime(FLOW, path=tmp_path / "shop.db" if is_file else None, options=LocalOptions(**options))


@pytest.mark.parametrize("is_file", KINDS)
def test_repeat_gets_the_same_reply_and_has_no_effect(is_file: bool, tmp_path: Path) -> None:
    with runtime_over(tmp_path, is_file) as runtime, runtime.client(bind=False) as client:
        client.send(create("1", Account, "ann", 5)).get(10)
        assert [client.send(call("2", Account, "ann", "add", 3)).get(10) for _ in range(5)] == [8] * 5
        assert client.send(call("3", Account, "ann", "add", 1)).get(10) == 9


@pytest.mark.parametrize("is_file", KINDS)
def test_repeats_of_many_threads_at_once_run_once(is_file: bool, tmp_path: Path) -> None:
    with runtime_over(tmp_path, is_file) as runtime, runtime.client(bind=False) as client, ThreadPoolExecutor(8) as threads:
        client.send(create("1", Account, "ann", 0)).get(10)
        replies = list(threads.map(lambda n: client.send(call(f"add-{n // 8}", Account, "ann", "add", 1)).get(20), range(800)))
        assert client.get(client.ref(Account, "ann"), "balance").get(10) == 100
        assert all(len(set(replies[n : n + 8])) == 1 for n in range(0, 800, 8))


def test_repeat_after_reopening_gets_the_same_reply(tmp_path: Path) -> None:
    with runtime_over(tmp_path, True) as runtime, runtime.client(bind=False) as client:
        made = client.send(create("1", Account, "ann", 5)).get(10)
        assert client.send(call("2", Account, "ann", "add", 3)).get(10) == 8
        with pytest.raises(ValueError, match="ann") as first:
            client.send(call("3", Account, "ann", "move", 100, made)).get(10)
        with pytest.raises(EntityAlreadyExists):
            client.send(create("4", Account, "ann")).get(10)
        before = client.send(Request(request_id="5", time_ns=1, operation=Operation.STATE, class_name="Account", key="ann")).get(10)
        client.send(call("6", Account, "ann", "add", 1)).get(10)
    with runtime_over(tmp_path, True) as runtime, runtime.client(bind=False) as client:
        again = client.send(create("1", Account, "ann", 5)).get(10)
        assert issubclass(type(again), Reference)
        assert again is client.ref(Account, "ann")
        assert client.send(call("2", Account, "ann", "add", 3)).get(10) == 8
        with pytest.raises(ValueError, match="ann") as second:
            client.send(call("3", Account, "ann", "move", 100, made)).get(10)
        assert second.value.args == first.value.args
        with pytest.raises(EntityAlreadyExists):
            client.send(create("4", Account, "ann")).get(10)
        after = client.send(Request(request_id="5", time_ns=1, operation=Operation.STATE, class_name="Account", key="ann")).get(10)
        assert after == before
        assert client.get(client.ref(Account, "ann"), "balance").get(10) == 9


@pytest.mark.parametrize("is_file", KINDS)
def test_request_that_failed_fails_again_although_it_would_succeed_now(is_file: bool, tmp_path: Path) -> None:
    with runtime_over(tmp_path, is_file) as runtime, runtime.client(bind=False) as client:
        ann = client.send(create("1", Account, "ann", 5)).get(10)
        client.send(create("2", Account, "bob", 0)).get(10)
        bob = client.ref(Account, "bob")
        for _ in range(2):
            with pytest.raises(ValueError, match="ann"):
                client.send(call("3", Account, "ann", "move", 6, bob)).get(10)
            client.call(Account.add, ann, 10).get(10)
        assert client.get(bob, "balance").get(10) == 0


@pytest.mark.parametrize("is_file", KINDS)
@pytest.mark.parametrize(
    "other",
    [
        call("2", Account, "ann", "add", 4),
        call("2", Account, "bob", "add", 3),
        call("2", Account, "ann", "try_add", 3),
        create("2", Account, "ann", 3),
        call("2", Account, "ann", "add", True),
        call("2", Account, "ann", "add", 3.0),
    ],
    ids=["argument", "entity", "method", "operation", "bool", "float"],
)
def test_other_request_with_a_known_id_is_refused(other: Request, is_file: bool, tmp_path: Path) -> None:
    with runtime_over(tmp_path, is_file) as runtime, runtime.client(bind=False) as client:
        client.send(create("1", Account, "ann", 5)).get(10)
        client.send(call("2", Account, "ann", "add", 3)).get(10)
        with pytest.raises(RequestIdReused, match="SF545: another request had the id 2 "):
            client.send(other).get(10)
        assert client.get(client.ref(Account, "ann"), "balance").get(10) == 8


@pytest.mark.parametrize("is_file", KINDS)
def test_forgotten_request_is_refused_and_recent_ones_are_answered(is_file: bool, tmp_path: Path) -> None:
    with runtime_over(tmp_path, is_file, ledger_requests=40, commit_requests=1) as runtime, runtime.client(bind=False) as client:
        client.send(create("start", Account, "ann", 0, time_ns=1)).get(10)
        for n in range(2, 200):
            client.send(call(f"r-{n}", Account, "ann", "add", 1, time_ns=n)).get(10)
        answers = {}
        for n in range(2, 200):
            future = client.send(call(f"r-{n}", Account, "ann", "add", 1, time_ns=n))
            answers[n] = "expired" if type(future.exception(10)) is RequestExpired else future.get()
        expired = [n for n, answer in answers.items() if answer == "expired"]
        assert expired == list(range(2, 2 + len(expired)))
        assert 30 <= 198 - len(expired) <= 50
        assert all(answers[n] == n - 1 for n in answers if n not in expired)
        assert client.get(client.ref(Account, "ann"), "balance").get(10) == 198


def test_horizon_is_kept_when_the_file_is_opened_again(tmp_path: Path) -> None:
    with runtime_over(tmp_path, True, ledger_requests=8, commit_requests=1) as runtime, runtime.client(bind=False) as client:
        client.send(create("start", Account, "ann", 0, time_ns=1)).get(10)
        for n in range(2, 50):
            client.send(call(f"r-{n}", Account, "ann", "add", 1, time_ns=n)).get(10)
    with runtime_over(tmp_path, True) as runtime, runtime.client(bind=False) as client:
        with pytest.raises(RequestExpired, match="SF544: request r-2 "):
            client.send(call("r-2", Account, "ann", "add", 1, time_ns=2)).get(10)
        assert client.send(call("r-49", Account, "ann", "add", 1, time_ns=49)).get(10) == 48
        assert client.send(call("new", Account, "ann", "add", 1, time_ns=50)).get(10) == 49


@pytest.mark.parametrize("is_file", KINDS)
def test_requests_are_forgotten_after_their_time(is_file: bool, tmp_path: Path) -> None:
    second = 1_000_000_000
    with runtime_over(tmp_path, is_file, ledger_s=100.0, commit_requests=1) as runtime, runtime.client(bind=False) as client:
        client.send(create("start", Account, "ann", 0, time_ns=second)).get(10)
        for n in range(2, 400):
            client.send(call(f"r-{n}", Account, "ann", "add", 1, time_ns=n * second)).get(10)
        for n, is_kept in ((2, False), (290, False), (330, True), (399, True)):
            future = client.send(call(f"r-{n}", Account, "ann", "add", 1, time_ns=n * second))
            assert (type(future.exception(10)) is not RequestExpired) is is_kept, n


def test_large_replies_bound_the_ledger(tmp_path: Path) -> None:
    with runtime_over(tmp_path, True, ledger_bytes=400_000, commit_requests=1) as runtime, runtime.client(bind=False) as client:
        client.send(create("start", Note, 1, "x" * 10_000, time_ns=1)).get(10)
        for n in range(2, 100):
            client.send(call(f"r-{n}", Note, 1, "replace", "x" * 10_000, time_ns=n)).get(10)
        with pytest.raises(RequestExpired):
            client.send(call("r-2", Note, 1, "replace", "x" * 10_000, time_ns=2)).get(10)
        assert client.send(call("r-99", Note, 1, "replace", "x" * 10_000, time_ns=99)).get(10) == "x" * 10_000
    assert (tmp_path / "shop.db").stat().st_size < 1_000_000


def test_file_stays_as_large_as_the_ledger_is_allowed_to_be(tmp_path: Path) -> None:
    with runtime_over(tmp_path, True, ledger_requests=400) as runtime, runtime.client(bind=False) as client:
        client.send(create("start", Account, "ann", 0, time_ns=1)).get(10)
        time_ns = 2
        for _ in range(6):
            for future in [client.send(call(f"r-{n}", Account, "ann", "add", 1, time_ns=n)) for n in range(time_ns, time_ns + 3000)]:
                future.get(20)
            time_ns += 3000
    assert (tmp_path / "shop.db").stat().st_size < 200_000


def test_clock_that_is_set_back_does_not_make_new_requests_look_old(tmp_path: Path) -> None:
    now = [10**18]
    options = LocalOptions(ledger_requests=8, commit_requests=1)
    with LocalRuntime(FLOW, path=tmp_path / "shop.db", clock=lambda: now[0], options=options) as runtime:
        client = runtime.client(bind=False)
        ann = client.create(Account, "ann").get(10)
        for _ in range(50):
            client.call(Account.add, ann, 1).get(10)
        now[0] = 5
        assert client.call(Account.add, ann, 1).get(10) == 51


def test_seeded_requests_of_a_file_that_is_opened_again_are_new_ones(tmp_path: Path) -> None:
    for expected in (1, 2, 3):
        with LocalRuntime(FLOW, path=tmp_path / "shop.db", seed=7) as runtime, runtime.client(bind=False) as client:
            if expected == 1:
                client.create(Account, "ann").get(10)
            assert client.call(Account.add, client.ref(Account, "ann"), 1).get(10) == expected


@pytest.mark.parametrize(
    "wrong", [{"ledger_requests": 3}, {"ledger_bytes": 0}, {"ledger_s": -1.0}, {"cache_bytes": -1}, {"commit_requests": 0}]
)
def test_option_out_of_range_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=f"SF540: {next(iter(wrong))} is "):
        LocalOptions(**wrong)
