"""The dataflow graph has an edge for each way from a method to another entity, and its texts show them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import Any

import pytest

import stateflow
from stateflow.compiler.pipeline import analyse
from stateflow.compiler.program import Program
from stateflow.dataflow.graph import Edge, EdgeKind, Field, Graph, Method, Operator, build_graph
from stateflow.dataflow.render import draw_svg, to_dot, to_mermaid
from stateflow.errors import ConfigurationError


class Named:
    def __init__(self, name: str):
        self.name = name

    def __key__(self) -> str:
        return self.name


@stateflow.entity
class Item(Named):
    price: int

    def __init__(self, name: str, price: int):
        super().__init__(name)
        self.price = price

    @property
    def gross(self) -> int:
        return self.price * 2

    def take(self, amount: int, *, strict: bool = True) -> bool:
        return True


def price_of(item: Item) -> int:
    return item.price


@dataclass
class Line:
    item: Item

    def total(self) -> int:
        return self.item.gross


@stateflow.entity
class User(Named):
    def buy(self, item: Item) -> bool:
        return item.take(1)

    def compare(self, item: Item) -> int:
        return price_of(item)

    def total(self, line: Line) -> int:
        return line.total()

    def later(self, item: Item) -> list[bool]:
        return [one() for one in [lambda: item.take(2)]]

    def make(self, name: str) -> Item:
        return Item(name, 1)

    def drop(self, item: Item) -> None:
        stateflow.delete(item)

    def reprice(self, item: Item) -> None:
        item.price = 5

    def guess(self, other: Any) -> object:
        return other.price

    def own(self) -> str:
        return self.name


@pytest.fixture(scope="module")
def graph() -> Graph:
    program = Program((Item, User))
    analyse(program)
    return build_graph(program)


def edges_from(graph: Graph, method: str) -> set[tuple[EdgeKind, str, str, bool]]:
    return {(e.kind, e.target, e.member, e.is_certain) for e in graph.edges if (e.operator, e.method) == ("User", method)}


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("buy", {(EdgeKind.CALL, "Item", "take", True)}),
        ("compare", {(EdgeKind.READ, "Item", "price", True)}),
        ("total", {(EdgeKind.READ, "Item", "gross", True)}),
        ("later", {(EdgeKind.CALL, "Item", "take", True)}),
        ("make", {(EdgeKind.CREATE, "Item", "__init__", True)}),
        ("drop", {(EdgeKind.DELETE, "Item", "", True)}),
        ("reprice", {(EdgeKind.WRITE, "Item", "price", True)}),
        ("guess", {(EdgeKind.READ, "Item", "price", False)}),
        ("own", set()),
    ],
)
def test_each_way_to_another_entity_is_an_edge(graph, method, expected):
    assert edges_from(graph, method) == expected


def test_an_edge_has_the_line_where_it_is_in_the_source(graph):
    (edge,) = [e for e in graph.edges if e.method == "buy"]
    assert edge.line == User.buy.__code__.co_firstlineno + 1


def test_an_operator_has_the_fields_and_methods_of_its_class_and_bases(graph):
    item, user = graph.operators
    assert item.name == "Item"
    assert {f.name for f in item.fields} == {"name", "price"}
    assert Field("price", "int") in item.fields
    assert [m.name for m in item.methods] == ["__init__", "__key__", "gross", "take"]
    assert Method("take", ("amount", "strict"), False) in item.methods
    assert Method("buy", ("item",), True) in user.methods
    assert Method("own", (), False) in user.methods


@stateflow.entity
class Crate(Named):
    def __len__(self) -> int:
        return 1

    def __lt__(self, other: Crate) -> bool:
        return True

    def __getitem__(self, place: int) -> int:
        return place

    def __setitem__(self, place: int, what: int) -> None: ...

    def __enter__(self) -> Crate:
        return self

    def __exit__(self, *raised: object) -> None: ...

    def __radd__(self, other: int) -> int:
        return other


@stateflow.entity
class Packer(Named):
    def operate(self, crate: Crate, other: Crate) -> Any:
        return crate < other, 1 + crate

    def index(self, crate: Crate) -> int:
        crate[0] = 1
        return crate[0]

    def ask(self, crate: Crate) -> Any:
        return len(crate), sorted([1])

    def loop(self, crate: Crate) -> None:
        for _ in crate:
            if crate:
                pass

    def hold(self, crate: Crate) -> None:
        with crate:
            pass

    def none(self, count: int) -> bool:
        return count < 3 and len([count]) == 1


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("operate", {"__lt__", "__radd__"}),
        ("index", {"__getitem__", "__setitem__"}),
        ("ask", {"__len__"}),
        ("loop", {"__getitem__", "__len__"}),
        ("hold", {"__enter__", "__exit__"}),
        ("none", set()),
    ],
)
def test_special_methods_that_syntax_calls_on_another_entity_are_edges(method: str, expected: set[str]) -> None:
    program = Program((Crate, Packer))
    analyse(program)
    edges = [e for e in build_graph(program).edges if (e.operator, e.method) == ("Packer", method)]
    assert {e.member for e in edges} == expected
    assert {(e.kind, e.target, e.is_certain) for e in edges} <= {(EdgeKind.CALL, "Crate", True)}


def test_two_classes_of_one_name_are_two_operators():
    first = stateflow.entity(type("Twin", (Named,), {"__module__": __name__, "__qualname__": "A.Twin"}))
    second = stateflow.entity(type("Twin", (Named,), {"__module__": __name__, "__qualname__": "B.Twin"}))
    program = Program((first, second))
    analyse(program)
    assert [o.name for o in build_graph(program).operators] == [f"{__name__}.A.Twin", f"{__name__}.B.Twin"]


SMALL = Graph(
    (
        Operator("Item", (Field("tags", 'dict[str, "x"]'),), (Method("end", (), False),)),
        Operator("User", (), (Method("buy", ("item",), True),)),
    ),
    (
        Edge("User", "buy", EdgeKind.CALL, "Item", "end", 3, True),
        Edge("User", "buy", EdgeKind.CALL, "Item", "end", 4, True),
        Edge("User", "buy", EdgeKind.READ, "Item", "tags", 4, False),
        Edge("User", "buy", EdgeKind.DELETE, "Item", "", 5, True),
    ),
)


def test_dot_draws_one_arrow_for_equal_edges_and_dashes_uncertain_ones():
    assert to_dot(SMALL) == (
        "digraph dataflow {\n"
        "  rankdir=LR;\n"
        '  node [shape=record, fontname="Helvetica"];\n'
        '  edge [fontname="Helvetica"];\n'
        '  "Item" [label="Item|<p_tags> tags:\\ dict\\[str,\\ \\"x\\"\\]|<p_end> end()"];\n'
        '  "User" [label="User|<p_buy> buy(item)"];\n'
        '  "User":"p_buy" -> "Item":"p_end" [label="calls"];\n'
        '  "User":"p_buy" -> "Item":"p_tags" [label="reads", style=dashed];\n'
        '  "User":"p_buy" -> "Item" [label="deletes"];\n'
        "}\n"
    )


def test_mermaid_draws_operators_as_subgraphs():
    assert to_mermaid(SMALL) == (
        "flowchart LR\n"
        '  subgraph n_Item["Item"]\n'
        '    n_Item_tags[("tags: dict[str, #quot;x#quot;]")]\n'
        '    n_Item_end["end()"]\n'
        "  end\n"
        '  subgraph n_User["User"]\n'
        '    n_User_buy["buy(item)"]\n'
        "  end\n"
        "  n_User_buy -->|calls| n_Item_end\n"
        "  n_User_buy -.->|reads| n_Item_tags\n"
        "  n_User_buy -->|deletes| n_Item\n"
    )


def test_svg_without_graphviz_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigurationError, match="install Graphviz"):
        draw_svg(SMALL)


def fake_dot(folder, script: str) -> None:
    program = folder / "dot"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_svg_is_what_dot_draws_of_the_dot_text(monkeypatch, tmp_path):
    fake_dot(tmp_path, 'echo "<svg> $1"\nexec cat')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert draw_svg(SMALL) == "<svg> -Tsvg\n" + to_dot(SMALL)


def test_a_failure_of_dot_is_told_with_its_own_words(monkeypatch, tmp_path):
    fake_dot(tmp_path, "echo no fonts >&2; exit 3")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(ConfigurationError, match="no fonts"):
        draw_svg(SMALL)


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_takes_the_dot_text(graph):
    assert "<svg" in draw_svg(graph)
