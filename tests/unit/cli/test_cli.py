"""The command line answers on one stream, with codes that scripts can rely on, and never with a traceback."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest
from typer.testing import CliRunner

import stateflow
from stateflow.cli import main as entry
from stateflow.cli.commands import app
from stateflow.compiler.diagnostics import Diagnostic, DiagnosticBag, Severity, Span
from stateflow.errors import CompileError
from tests.unit.compiler.test_checks_specification import SHOP as SPECIFIED

SHOP = '''\
import stateflow


@stateflow.entity
class Item:
    def __init__(self, name: str, price: int):
        self.name = name
        self.price = price

    def __key__(self):
        return self.name

    def update_stock(self, amount: int) -> bool:
        return True


@stateflow.entity
class User:
    def __init__(self, name: str):
        self.name = name

    def __key__(self):
        return self.name

    def buy_item(self, amount: int, item: Item) -> bool:
        total = amount * item.price
        """é""", item.update_stock(-amount)
        return total > 0

    def greet(self) -> str:
        return self.name
'''
ENTITY = "import stateflow\n\n@stateflow.entity\nclass Item:\n    def __key__(self):\n        return 1\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return an empty current folder; what is imported from it is forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(tmp_path) in str(sys.modules[name].__file__):
            del sys.modules[name]


def write(folder: Path, text: str, name: str = "cli_shop.py") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def run(*arguments: str):
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def found(severity: Severity, code: str = "SF203") -> Diagnostic:
    span = Span(str(Path.cwd() / "cli_shop.py"), 4, 0, 4, 10)
    return Diagnostic(code, severity, "`Item` is [odd]", span, ("class Item:\n",), "because", "write it so")


@pytest.fixture
def checks(monkeypatch):
    """Let `check` find what the test puts into the list."""
    diagnostics: list[Diagnostic] = []

    def check_classes(classes):
        bag = DiagnosticBag()
        for diagnostic in diagnostics:
            bag.add(diagnostic)
        return bag

    module = types.ModuleType("stateflow.compiler.checks")
    module.check_classes = check_classes
    monkeypatch.setitem(sys.modules, "stateflow.compiler.checks", module)
    return diagnostics


class TestCheck:
    def test_a_module_without_errors_exits_with_0(self, folder, checks):
        write(folder, ENTITY)
        result = run("check", "cli_shop")
        assert (result.exit_code, result.stdout) == (0, "cli_shop: no errors\n")

    def test_warnings_alone_exit_with_0(self, folder, checks):
        write(folder, ENTITY)
        checks.append(found(Severity.WARNING))
        result = run("check", "cli_shop.py")
        assert result.exit_code == 0
        assert result.stdout.endswith("cli_shop.py: 0 errors, 1 warning\n")

    def test_every_error_is_printed_whole_and_the_code_is_1(self, folder, checks):
        write(folder, ENTITY)
        checks += [found(Severity.ERROR), found(Severity.WARNING, "SF301")]
        result = run("check", "cli_shop")
        assert result.exit_code == 1
        for diagnostic in checks:
            assert str(diagnostic) in result.stdout
        assert result.stdout.endswith("cli_shop: 1 error, 1 warning\n")

    def test_json_has_the_fields_of_each_diagnostic(self, folder, checks):
        write(folder, ENTITY)
        checks.append(found(Severity.ERROR))
        result = run("check", "cli_shop", "--json")
        assert result.exit_code == 1
        answer = json.loads(result.stdout)
        assert (answer["module"], answer["errors"], answer["warnings"]) == ("cli_shop", 1, 0)
        (one,) = answer["diagnostics"]
        assert (one["code"], one["severity"], one["message"], one["fix"]) == ("SF203", "error", "`Item` is [odd]", "write it so")
        assert (one["span"]["line"], one["span"]["column"], one["span"]["end_column"]) == (4, 0, 10)
        assert one["docs"] == "docs/reference/errors/SF203.md"

    def test_a_module_that_compiles_its_classes_itself_gives_the_same_diagnostics(self, folder, checks, monkeypatch):
        write(folder, ENTITY + "stateflow.init(Item)\n")

        def refuse(*classes):
            raise CompileError([found(Severity.ERROR)])

        monkeypatch.setattr(stateflow, "init", refuse)
        result = run("check", "cli_shop")
        assert result.exit_code == 1
        assert str(found(Severity.ERROR)) in result.stdout

    def test_entity_classes_that_a_module_imports_are_checked_too(self, folder, checks):
        write(folder, ENTITY, "cli_common.py")
        write(folder, "import cli_common\n")
        assert run("check", "cli_shop").exit_code == 0

    def test_a_file_of_a_package_may_import_from_its_package(self, folder, checks):
        write(folder, "", "cli_package/__init__.py")
        write(folder, ENTITY, "cli_package/common.py")
        write(folder, "from .common import Item\n", "cli_package/shop.py")
        assert run("check", "cli_package/shop.py").exit_code == 0
        assert run("check", "cli_package.shop").exit_code == 0


@pytest.mark.parametrize(
    ("text", "target", "message"),
    [
        (None, "cli_nowhere", "there is no module 'cli_nowhere'"),
        (None, "cli_nowhere.py", "there is no file cli_nowhere.py"),
        ("x = 1\n", "cli_shop", "has no entity class"),
        ("import cli_missing\n", "cli_shop", "at cli_shop.py:1: ModuleNotFoundError: No module named 'cli_missing'"),
        ("x = 1\ny = 1 / 0\n", "cli_shop.py", "at cli_shop.py:2: ZeroDivisionError: division by zero"),
        ("x = 1\ndef f(:\n", "cli_shop", "at cli_shop.py:2: SyntaxError"),
        ("import sys\nsys.exit(0)\n", "cli_shop", "at cli_shop.py:2: SystemExit: 0"),
        (ENTITY, "json.py", "there is no file json.py"),
    ],
)
@pytest.mark.parametrize("command", ["check", "graph"])
def test_a_module_that_cannot_be_imported_exits_with_2_and_one_line(folder, checks, text, target, message, command):
    if text is not None:
        write(folder, text)
    result = run(command, target)
    assert result.exit_code == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


def test_a_file_with_the_name_of_a_library_is_refused_instead_of_taken_for_it(folder, checks):
    write(folder, ENTITY, "json.py")
    result = run("check", "json.py")
    assert (result.exit_code, "rename it" in result.stderr) == (2, True)
    assert sys.modules["json"] is json


class TestExplain:
    def test_suspension_points_are_marked_below_the_source(self, folder):
        write(folder, SHOP)
        result = run("explain", "cli_shop:User.buy_item")
        assert result.exit_code == 0
        lines = result.stdout.splitlines()
        assert lines[0] == "cli_shop:User.buy_item: resumable"
        at = lines.index("   26 |         total = amount * item.price")
        assert lines[at + 1] == "      |                          ^^^^^^^^^^ [1]"
        at = lines.index('   27 |         """é""", item.update_stock(-amount)')
        assert lines[at + 1] == "      |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^ [2]"
        assert "  [1] line 26: item.price" in lines
        assert "      live: amount, item" in lines
        assert "L0:" in lines

    def test_json_has_points_blocks_and_live_variables(self, folder):
        write(folder, SHOP)
        answer = json.loads(run("explain", "cli_shop.py:User.buy_item", "--json").stdout)
        assert answer["is_resumable"] is True
        assert [(p["line"], p["column"], p["end_column"], p["source"]) for p in answer["points"]] == [
            (26, 25, 35, "item.price"),
            (27, 17, 43, "item.update_stock(-amount)"),
        ]
        assert answer["points"][0]["live"] == ["amount", "item"]
        assert "total" in answer["points"][1]["live"]
        assert "Item" in answer["points"][0]["reason"]
        assert answer["blocks"][0]["label"] == "L0"
        assert answer["blocks"][0]["successors"] == ["L1"]
        assert answer["source_lines"][0] == "    def buy_item(self, amount: int, item: Item) -> bool:"

    def test_a_native_method_says_why(self, folder):
        write(folder, SHOP)
        result = run("explain", "cli_shop:User.greet")
        assert "User.greet: native" in result.stdout
        assert "nothing in it can reach another entity" in result.stdout
        assert "suspension points" not in result.stdout

    @pytest.mark.parametrize(
        ("target", "message"),
        [
            ("cli_shop:User.buy_items", "did you mean 'buy_item'?"),
            ("cli_shop:Usr.buy_item", "did you mean User?"),
            ("cli_shop:Xyz.buy_item", "there are Item, User"),
            ("cli_shop:User.zzz", "its methods are __init__, __key__, buy_item, greet"),
            ("cli_shop:buy_item", "write MODULE:Class.method"),
        ],
    )
    def test_a_name_that_is_not_there_exits_with_2_and_advice(self, folder, target, message):
        write(folder, SHOP)
        result = run("explain", target)
        assert result.exit_code == 2
        assert message in result.stderr


    def test_a_module_alone_shows_which_methods_are_read_only_and_the_line_of_the_others(self, folder):
        write(folder, SHOP.replace("return True", "self.price = amount"))
        result = run("explain", "cli_shop")
        assert result.exit_code == 0
        assert re.search(r"User.greet +read-only$", result.stdout, re.MULTILINE)
        assert re.search(r"User.buy_item +not read-only: line 27 calls Item.update_stock, where line 14 assigns self.price", result.stdout)

    def test_a_method_says_whether_it_is_read_only(self, folder):
        write(folder, SHOP.replace("return True", "self.price = amount"))
        assert "  read-only: it changes no entity" in run("explain", "cli_shop:User.greet").stdout
        assert "  not read-only: line 27 calls" in run("explain", "cli_shop:User.buy_item").stdout


class TestGraph:
    def test_dot_is_the_default(self, folder):
        write(folder, SHOP)
        result = run("graph", "cli_shop")
        assert result.exit_code == 0
        assert '"User":"p_buy_item" -> "Item":"p_update_stock" [label="calls"];' in result.stdout

    def test_mermaid_is_a_flowchart(self, folder):
        write(folder, SHOP)
        result = run("graph", "cli_shop", "--format", "mermaid")
        assert result.stdout.startswith("flowchart LR\n")

    def test_svg_without_graphviz_exits_with_2(self, folder, monkeypatch):
        write(folder, SHOP)
        monkeypatch.setenv("PATH", "")
        result = run("graph", "cli_shop", "--format", "svg")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "install Graphviz" in result.stderr

    def test_an_unknown_format_exits_with_2(self, folder):
        assert run("graph", "cli_shop", "--format", "png").exit_code == 2


def test_the_version_is_that_of_the_package():
    assert run("--version").stdout == f"stateflow {stateflow.__version__}\n"


@pytest.mark.parametrize("name", ["typer", "rich"])
def test_without_the_extra_the_install_line_is_printed(monkeypatch, capsys, name):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SystemExit) as caught:
        entry.main()
    assert caught.value.code == 2
    assert "pip install 'stateflow[cli]'" in capsys.readouterr().err


def run_process(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from stateflow.cli.main import main; main()", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(stateflow.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.process
def test_failing_check_of_the_specifications_program_exits_with_1_and_prints_each_error(folder):
    write(folder, SPECIFIED.replace("amount * item.price", "amount * item.prise"), "demo_common.py")
    done = run_process(folder, "check", "demo_common.py")
    assert (done.returncode, done.stderr) == (1, "")
    assert "demo_common.py:28: error SF204: `User.buy_item` reads `Item.prise`, which Item does not have\n" in done.stdout
    assert (
        "demo_common.py:34: error SF203: `User.buy_item` calls `Item.update_stock`, which Item does not define\n"
        "   34 |         decrease_stock = item.update_stock(-amount)\n"
        "      |                               ^^^^^^^^^^^^\n"
        "  why:  item is annotated as Item (demo_common.py:5); its methods are set_stock\n"
        "  fix:  define Item.update_stock, or call set_stock\n"
        "  docs: docs/reference/errors/SF203.md\n"
    ) in done.stdout
    assert done.stdout.endswith("demo_common.py: 2 errors, 0 warnings\n")


@pytest.mark.process
def test_init_raises_the_text_that_check_prints(folder):
    write(folder, SPECIFIED, "demo_common.py")
    printed = run_process(folder, "check", "demo_common.py").stdout.partition("\n\n")[0]
    raised = subprocess.run(
        [sys.executable, "-c", "from demo_common import stateflow; stateflow.init()"],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert raised.returncode == 1
    assert printed in raised.stderr
    assert "stateflow.errors" in raised.stderr.replace(printed, "")


@pytest.mark.process
def test_the_command_runs_in_a_process_of_its_own(folder):
    write(folder, SHOP)
    done = run_process(folder, "explain", "cli_shop:User.buy_item", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(json.loads(done.stdout)["points"]) == 2
