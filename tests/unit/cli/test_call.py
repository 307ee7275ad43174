"""`stateflow call`: words become what the annotations say, and each outcome has its exit code."""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stateflow.cli.commands import app

SHOP = '''\
import dataclasses, datetime, decimal, enum
import stateflow


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass(eq=False)
class Size:
    width: int


class Refused(Exception):
    pass


@stateflow.entity
@dataclasses.dataclass(eq=False)
class Item:
    name: str
    price: int = 0

    def __key__(self) -> str:
        return self.name


@stateflow.entity
class Ticket:
    def __init__(self, number: int):
        self.number = number

    def __key__(self) -> int:
        return self.number


@stateflow.entity
class User:
    def __init__(self, name: str):
        self.name = name

    def __key__(self) -> str:
        return self.name

    def buy(self, amount: int, item: Item) -> int:
        return amount * item.price

    def show(self, text: str, items: list[Item], size: Size, when: datetime.date, price: decimal.Decimal, colour: Colour = Colour.RED,
             *rest: int, loud: bool = False) -> str:
        names = [item.name for item in items]
        return f"{text} {names} {size.width} {when} {price} {colour.name} {rest} {loud}"

    def pair(self, item: Item, ticket: Ticket | None) -> list:
        return [item, ticket]

    def anything(self, value):
        return value

    def refuse(self) -> None:
        raise Refused("no")
'''


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "callshop.py").write_text(SHOP, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    yield
    sys.modules.pop("callshop", None)


def run(*words: str):
    return CliRunner().invoke(app, ["call", "callshop.py", *words, "--path", "shop.db"])


@pytest.fixture
def filled(shop):
    for words in (["User", "ann"], ["Item", "tea", "price=3"], ["Ticket", "7"]):
        assert run(*words, "--create").exit_code == 0


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["buy", "2", "Item:tea"], "6"),
        (["buy", "-2", "item:tea"], "-6"),
        (["buy", "item=tea", "amount=4"], "12"),
        (["show", "17", '["tea", "Item:tea"]', '{"width": 4}', "2026-01-02", "1.10"], "17 ['tea', 'tea'] 4 2026-01-02 1.10 RED () False"),
        (["show", "", "[]", '{"width": 4}', "2026-01-02", "1", "red", "5", "6", "loud=true"], " [] 4 2026-01-02 1 RED (5, 6) True"),
        (["pair", "tea", "7"], '["Item:tea","Ticket:7"]'),
        (["pair", "tea", "null"], '["Item:tea",null]'),
        (["anything", "Ticket:7"], "Ticket:7"),
        (["anything", '{"a": [1, null]}'], '{"a":[1,null]}'),
        (["anything", "plain words"], "plain words"),
    ],
)
def test_words_become_what_the_annotations_say(words: list[str], printed: str) -> None:
    done = run("User", "ann", *words)
    assert (done.stdout, done.stderr, done.exit_code) == (f"{printed}\n", "", 0)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["User", "ann", "buy", "x", "tea"], "SF540: amount: Expected `int`"),
        (["User", "ann", "buy", "1", "User:ann"], "SF540: User:ann is a User, where a Item is expected"),
        (["User", "ann", "buy", "1"], "SF540: missing a required argument: 'item'; it takes (amount: int, item: callshop.Item)"),
        (["User", "ann", "by", "1"], "SF540: 'User' object has no attribute 'by'. Did you mean: 'buy'?"),
        (["User", "ann", "__init__", "x"], "SF540"),
        (["User", "ann"], "SF540: name the key of an entity and a method"),
        (["Usr", "ann", "buy"], "did you mean User?"),
        (["Ticket", "x", "__key__"], "SF540"),
        (["User", "ann", "anything", "--jsn"], "SF540: there is no option --jsn"),
    ],
)
def test_words_that_fit_nothing_exit_with_2(words: list[str], told: str) -> None:
    done = run(*words)
    assert (done.stdout, done.exit_code) == ("", 2)
    assert told in done.stderr


@pytest.mark.usefixtures("filled")
def test_exception_of_a_method_exits_with_1() -> None:
    done = run("User", "ann", "refuse")
    assert (done.stdout, done.stderr, done.exit_code) == ("", "Refused: no\n", 1)
    done = run("User", "ann", "refuse", "--json")
    assert (json.loads(done.stdout), done.exit_code) == ({"error": "Refused", "message": "no"}, 1)
    assert run("User", "bob", "refuse").exit_code == 1
    assert run("User", "ann", "--create").exit_code == 1


@pytest.mark.usefixtures("filled")
def test_result_as_json_can_be_given_again() -> None:
    done = run("User", "ann", "pair", "tea", "7", "--json")
    assert json.loads(done.stdout) == {"result": ["Item:tea", "Ticket:7"]}


@pytest.mark.usefixtures("shop")
def test_place_of_the_entities_has_to_be_said_and_to_exist() -> None:
    assert "there is no file" in run("User", "ann", "refuse").stderr
    assert not Path("shop.db").exists()
    for words in ([], ["--path", "a", "--url", "b"]):
        done = CliRunner().invoke(app, ["call", "callshop.py", "User", "ann", "refuse", *words])
        assert (done.exit_code, "either --path" in done.stderr) == (2, True)


@pytest.mark.usefixtures("shop")
def test_same_words_reach_a_server() -> None:
    uvicorn = pytest.importorskip("uvicorn")
    import stateflow
    from stateflow.cli.modules import load_classes
    from stateflow.client.fastapi import LocalFastAPIClient

    served = LocalFastAPIClient(stateflow.init(*load_classes("callshop.py")))
    server = uvicorn.Server(uvicorn.Config(served.get_app(), port=0, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]

    def ask(*words: str):
        return CliRunner().invoke(app, ["call", "callshop.py", *words, "--url", f"127.0.0.1:{port}"])

    try:
        assert ask("User", "a/b", "--create").exit_code == 0
        assert ask("Item", "tea", "3", "--create").stdout == '{"class":"Item","key":"tea"}\n'
        assert ask("User", "a/b", "buy", "2", "Item:tea").stdout == "6\n"
        show = ["show", "17", '["tea"]', '{"width": 4}', "2026-01-02", "1.10", "red", "5", "loud=true"]
        assert ask("User", "a/b", *show).stdout == "17 ['tea'] 4 2026-01-02 1.10 RED (5,) True\n"
        done = ask("User", "a/b", "refuse")
        assert (done.stderr, done.exit_code) == ("Refused: no\n", 1)
    finally:
        server.should_exit = True
        thread.join(30)
    assert ask("User", "a/b", "refuse").exit_code == 2
