"""`stateflow state` needs no runtime, works beside one, prints for people and for programs, and leaves nothing half done."""

from __future__ import annotations

import io
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from stateflow.cli import state_printing
from stateflow.cli.commands import app
from stateflow.protocol.keys import encode_key
from stateflow.runtime.local import LocalRuntime
from tests.unit.runtime.bank_file import FLOW, KEYS, Account, fill, states

ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file with an account for each key, in the current folder."""
    monkeypatch.chdir(tmp_path)
    with LocalRuntime(FLOW, path="bank.db") as runtime, runtime.client(bind=False) as client:
        fill(client)
    return tmp_path / "bank.db"


def run(*arguments: str, code: int = 0, given: bytes | None = None) -> Result:
    result = CliRunner().invoke(app, ["state", *arguments], input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result


def as_json(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json").stdout)


def test_list_shows_the_classes_with_the_numbers_of_their_entities(path: Path) -> None:
    assert run("list", "bank.db").stdout.split() == ["class", "entities", "Account", str(len(KEYS))]
    assert as_json("list", "bank.db") == {"classes": [{"class": "Account", "entities": len(KEYS)}]}


def test_list_shows_the_keys_of_a_class_in_order_and_page_by_page(path: Path) -> None:
    all_keys = as_json("list", "bank.db", "Account")
    assert len(all_keys["keys"]) == len(KEYS)
    assert not all_keys["has_more"]
    first = as_json("list", "bank.db", "Account", "--limit", "4")
    assert (first["keys"], first["has_more"]) == (all_keys["keys"][:4], True)
    shown = run("list", "bank.db", "Account").stdout.splitlines()
    # Each line names its key to the other commands.
    assert as_json("list", "bank.db", "Account", "--after", shown[3])["keys"] == all_keys["keys"][4:]
    assert [as_json("get", "bank.db", "Account", line)["key"] for line in shown] == all_keys["keys"]
    assert run("list", "bank.db", "Account", "--limit", "1").stderr.startswith("there are more; go on with --after ")


def test_list_takes_a_prefix(path: Path) -> None:
    assert as_json("list", "bank.db", "Account", "--prefix", "an")["keys"] == ["ann"]
    assert as_json("list", "bank.db", "Account", "--prefix", '["a", 1]')["keys"] == [["a", 1, ["b"]]]
    assert as_json("list", "bank.db", "Account", "--prefix", "7")["keys"] == []


def test_get_shows_the_attributes_of_an_entity(path: Path) -> None:
    assert "money" in run("get", "bank.db", "Account", "ann").stdout
    shown = as_json("get", "bank.db", "Account", "7")
    assert (shown["class"], shown["key"], shown["state"]) == ("Account", 7, {"key": 7, "money": KEYS.index(7)})
    assert as_json("get", "bank.db", "Account", '["a", 1, ["b"]]')["key"] == ["a", 1, ["b"]]


def test_get_says_so_when_the_key_exists_as_text(path: Path) -> None:
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        client.create(Account, "17").get(10)
    refused = run("get", "bank.db", "Account", "17", code=1)
    assert refused.stderr.splitlines() == [
        "SF501: Account(17) does not exist; create it first, or check the key",
        "there is Account('17'), whose key is text; write it as '\"17\"'",
    ]
    assert as_json("get", "bank.db", "Account", '"17"')["key"] == "17"


def test_export_and_import_through_files_and_through_standard_streams(path: Path) -> None:
    assert run("export", "bank.db", "lines.jsonl").stdout == f"exported {len(KEYS)} entities\n"
    lines = Path("lines.jsonl").read_bytes()
    piped = run("export", "bank.db")
    assert piped.stdout_bytes == lines
    assert piped.stderr == f"exported {len(KEYS)} entities\n"
    assert run("import", "one.db", "lines.jsonl").stdout == f"imported {len(KEYS)} new entities, replaced 0, skipped 0\n"
    run("import", "two.db", given=lines)
    assert states(Path("one.db")) == states(Path("two.db")) == states(path)
    assert as_json("import", "one.db", "lines.jsonl", "--existing", "skip") == {"new": 0, "replaced": 0, "skipped": len(KEYS)}
    assert as_json("import", "one.db", "lines.jsonl", "--existing", "replace") == {"new": 0, "replaced": len(KEYS), "skipped": 0}
    assert as_json("export", "bank.db", "more.jsonl", "--class", "Account")["entities"] == len(KEYS)


def test_backup_is_a_file_that_opens(path: Path) -> None:
    told = as_json("backup", "bank.db", "copy.db")
    assert told["bytes"] == Path("copy.db").stat().st_size
    assert states(Path("copy.db")) == states(path)


def test_progress_is_drawn_on_a_terminal_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for is_terminal in (True, False):
        drawn = io.StringIO()
        console = Console(file=drawn, force_terminal=is_terminal, width=80)
        monkeypatch.setattr(state_printing, "_console", lambda console=console, **_: console)
        with state_printing.progress_bar("copying") as progress:
            progress(3, 4)
        assert ("copying" in drawn.getvalue() and "3/4" in drawn.getvalue()) == is_terminal


def test_damaged_state_is_found_before_the_last_backup_is_given_up(path: Path) -> None:
    run("backup", "bank.db", "copy.db")
    good = Path("copy.db").read_bytes()
    with closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE entity SET state = CAST(state || x'00' AS BLOB) WHERE key = ?", (encode_key(7),))
        other.commit()
    assert "SF552: the state of Account" in run("backup", "bank.db", "copy.db", "--force", code=1).stderr
    assert Path("copy.db").read_bytes() == good


REFUSALS = {
    "no-file": (["list", "none.db"], 2, "SF540: there is no file"),
    "no-database": (["list", "notes.txt"], 1, "SF553"),
    "no-class": (["list", "bank.db", "Cart"], 2, "SF540: .* has no class 'Cart'; it has Account"),
    "no-entity": (["get", "bank.db", "Account", "bob"], 1, r"SF501: Account\('bob'\) does not exist"),
    "no-key": (["get", "bank.db", "Account", "{}"], 2, "SF540: {} is no key"),
    "no-limit": (["list", "bank.db", "Account", "--limit", "0"], 2, "SF540: limit is 0"),
    "export-exists": (["export", "bank.db", "notes.txt"], 2, "SF540: notes.txt exists already"),
    "export-folder": (["export", "bank.db", "none/lines"], 2, "SF540: there is no folder none"),
    "export-class": (["export", "bank.db", "--class", "Cart"], 2, "SF540: .* has no class"),
    "import-no-file": (["import", "new.db", "none.jsonl"], 2, "SF540: none.jsonl cannot be read"),
    "import-text": (["import", "new.db", "notes.txt"], 1, "SF555: the first line is not that of"),
    "import-rule": (["import", "new.db", "notes.txt", "--existing", "merge"], 2, "Invalid value"),
    "backup-exists": (["backup", "bank.db", "notes.txt"], 2, "SF540: notes.txt exists already"),
    "backup-folder": (["backup", "bank.db", "none/copy.db"], 2, "SF540: there is no folder none"),
}


@pytest.mark.parametrize(("arguments", "code", "match"), REFUSALS.values(), ids=REFUSALS)
def test_what_cannot_be_done_is_refused_with_its_code_and_changes_nothing(arguments: list[str], code: int, match: str, path: Path) -> None:
    Path("notes.txt").write_text("tea\n" * 2000)
    before = sorted(file.name for file in path.parent.iterdir() if not file.name.endswith(("-wal", "-shm")))
    result = run(*arguments, code=code)
    assert re.search(match, result.stderr), result.stderr
    assert sorted(file.name for file in path.parent.iterdir() if not file.name.endswith(("-wal", "-shm"))) == before
    assert Path("notes.txt").read_text() == "tea\n" * 2000


def test_force_puts_a_file_in_the_place_of_another(path: Path) -> None:
    for name in ("lines.jsonl", "copy.db"):
        Path(name).write_text("tea")
    run("export", "bank.db", "lines.jsonl", "--force")
    run("backup", "bank.db", "copy.db", "--force")
    assert states(Path("copy.db")) == states(path)
    assert Path("lines.jsonl").read_text().startswith('{"stateflow":"state"')


@pytest.fixture
def owner(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process that has the file open; it answers each line with the number of the accounts that it made."""
    program = (
        "import sys\n"
        "from stateflow.runtime.local import LocalRuntime\n"
        "from tests.unit.runtime.bank_file import FLOW, Account\n"
        "with LocalRuntime(FLOW, path=sys.argv[1]) as runtime, runtime.client(bind=False) as client:\n"
        "    print('open', flush=True)\n"
        "    for number, _ in enumerate(sys.stdin):\n"
        "        client.create(Account, f'more-{number}').get(10)\n"
        "        print(number, flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        yield child
        assert child.stdin is not None
        child.stdin.close()


@pytest.mark.process
def test_all_but_import_work_while_another_process_has_the_file_open(owner: subprocess.Popen[str], path: Path) -> None:
    assert owner.stdin is not None
    assert owner.stdout is not None
    for number in range(3):
        owner.stdin.write("\n")
        owner.stdin.flush()
        assert owner.stdout.readline() == f"{number}\n"
        count = len(KEYS) + number + 1
        # What was acknowledged is seen at once.
        assert as_json("list", "bank.db") == {"classes": [{"class": "Account", "entities": count}]}
        assert as_json("get", "bank.db", "Account", f"more-{number}")["state"]["money"] == 0
        assert as_json("export", "bank.db", f"lines-{number}.jsonl")["entities"] == count
        assert as_json("backup", "bank.db", f"copy-{number}.db")["bytes"] > 0
    refused = run("import", "bank.db", "lines-0.jsonl", "--existing", "replace", code=1)
    assert f"SF551: {path} is open already, by process {owner.pid} on" in refused.stderr
    owner.stdin.close()
    assert owner.wait(30) == 0
    assert as_json("list", "copy-1.db") == {"classes": [{"class": "Account", "entities": len(KEYS) + 2}]}
    assert states(Path("copy-2.db")) == states(path)


@pytest.mark.process
@pytest.mark.parametrize("point", ["amid-write:3", "before-commit:1", "after-commit:1"])
def test_import_that_is_killed_has_done_all_or_nothing(point: str, path: Path) -> None:
    with LocalRuntime(FLOW, path="many.db") as runtime, runtime.client(bind=False) as client:
        for created in [client.create(Account, f"many-{number}") for number in range(2000)]:
            created.get(10)
    run("export", "many.db", "many.jsonl")
    before = states(path)
    command = [sys.executable, "-c", "from stateflow.cli.main import main; main()", "state", "import", "bank.db", "many.jsonl"]
    environment = {**os.environ, "STATEFLOW_TESTING": "1", "STATEFLOW_FAIL_POINT": f"{point}:kill"}
    killed = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert killed.returncode == -9, killed.stderr
    if point.startswith("after"):
        assert as_json("list", "bank.db")["classes"][0]["entities"] == len(KEYS) + 2000
    else:
        assert states(path) == before
