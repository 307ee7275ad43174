"""A file can be brought into the form of the present classes at once; then nothing in it needs their past."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from stateflow.errors import DatabaseInUse, IncompatibleSchema, UpgradeFailed
from stateflow.failpoints import Action, InjectedFailure, arm
from stateflow.runtime.local.upgrading import Upgraded, upgrade_file
from tests.durability.test_crashes_while_changing import NEW, OLD, ROOT
from tests.durability.versions import Shop, flow_of, rows

COUNT = 1200
NEW_WITHOUT_PAST = NEW.replace('    @stateflow.renamed("User")\n', "").replace('        @stateflow.renamed("pay")\n', "").replace(
    "        def __upgrade__(self, state):\n            self.cents = state[\"balance\"] * 100\n", ""
)  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    with Shop.open(OLD, path) as shop:
        made = [shop.client.create(shop.flow.classes[0], f"user {number}", number) for number in range(COUNT)]
        for future in made:
            future.get(20)
        shop.call("User", "user 1", "pay", 1, shop.ref("User", "user 2"))
    return path


def cents(path: Path, source: str) -> list[int]:
    with Shop.open(source, path) as shop:
        states = [shop.client.state(shop.ref("Customer", f"user {number}")) for number in range(COUNT)]
        return [state.get(20)["cents"] for state in states]


EXPECTED = [0, 0, 300, *(number * 100 for number in range(3, COUNT))]


def test_all_entities_are_written_once_and_need_their_past_no_more(path: Path) -> None:
    steps: list[tuple[int, int]] = []
    flow = flow_of(NEW)
    assert upgrade_file(flow, path, progress=lambda number, total: steps.append((number, total))) == Upgraded(COUNT, COUNT, [])
    assert (steps[-1], len(steps)) == ((COUNT, COUNT), 3)
    assert {version for version, _ in rows(path).values()} == {2}
    assert upgrade_file(flow, path) == Upgraded(COUNT, 0, [])
    assert cents(path, NEW_WITHOUT_PAST) == EXPECTED
    with Shop.open(NEW_WITHOUT_PAST, path) as shop:
        assert shop.state("Customer", "user 1")["friends"] == [shop.ref("Customer", f"user {number}") for number in (1, 2)]


@pytest.mark.parametrize("point", ["before-encode:2", "amid-write:1", "before-commit:3", "after-commit:2"])
def test_upgrade_that_fails_amid_goes_on_the_next_time(point: str, path: Path) -> None:
    flow = flow_of(NEW)
    name, _, nth = point.partition(":")
    with arm(name, Action.RAISE, int(nth)), pytest.raises(InjectedFailure):
        upgrade_file(flow, path)
    done = upgrade_file(flow, path)
    assert done.written == COUNT - 512 * (int(nth) - (name != "after-commit"))
    assert cents(path, NEW_WITHOUT_PAST) == EXPECTED


def test_entities_that_cannot_be_upgraded_are_told_and_stay(path: Path) -> None:
    picky = NEW.replace('self.cents = state["balance"] * 100', 'self.cents = {n: n * 100 for n in range(5, 2000)}[state["balance"]]')
    before = rows(path)
    done = upgrade_file(flow_of(picky), path)
    assert (done.entities, done.written) == (COUNT, COUNT - 5)
    assert [type(failure) for failure in done.failures] == [UpgradeFailed] * 5
    after = rows(path)
    assert len([key for key, row in after.items() if before[key] == row]) == 5
    assert upgrade_file(flow_of(NEW), path) == Upgraded(COUNT, 5, [])
    assert cents(path, NEW) == EXPECTED


def test_file_that_is_open_or_not_for_these_classes_is_left_alone(path: Path) -> None:
    before = rows(path)
    with Shop.open(OLD, path), pytest.raises(DatabaseInUse):
        upgrade_file(flow_of(NEW), path)
    needs = OLD.replace("balance: int)", "balance: int, mail: str)").replace("self.friends = name,", "self.friends, self.mail = name,")
    with pytest.raises(IncompatibleSchema):
        upgrade_file(flow_of(needs.replace("[self]", "[self], mail")), path)
    assert rows(path) == before


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "140"}
    command = [sys.executable, "-B", "-m", "stateflow", "state", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.process
def test_commands_show_the_versions_and_upgrade(path: Path) -> None:
    folder = path.parent
    (folder / "shop.py").write_text("import stateflow\n" + textwrap.dedent(NEW))

    def shown() -> list[tuple[Any, ...]]:
        said = json.loads(run(folder, "versions", "shop.db", "--json").stdout)["versions"]
        return [(row["class"], row["version"], row["entities"], row["fields"]) for row in said]

    first = ("User", 0, COUNT, ["balance", "friends", "name"])
    assert shown() == [first]
    done = run(folder, "upgrade", "shop.db", "shop")
    assert (done.stdout, done.stderr, done.returncode) == (f"wrote {COUNT} of {COUNT} entities anew\n", "", 0)
    assert shown() == [(*first[:2], 0, first[3]), ("Customer", 1, COUNT, ["cents", "friends", "name", "payments"])]
    table = run(folder, "versions", "shop.db").stdout.splitlines()
    assert table[0].split() == ["class", "version", "entities", "fields"]
    assert table[2].split()[:3] == ["Customer", "1", str(COUNT)]
    assert "there is no file" in run(folder, "upgrade", "none.db", "shop").stderr
    (folder / "shop.py").write_text("import stateflow\n" + textwrap.dedent(OLD))
    refused = run(folder, "upgrade", "shop.db", "shop")
    assert refused.returncode == 1
    assert refused.stderr.startswith("SF570: there are entities of Customer, called User before")
    assert run(folder, "upgrade", "shop.db", "shop", "--allow-unknown").stdout == "wrote 0 of 0 entities anew\n"
