"""The dataflow graph as text for Graphviz and Mermaid, and as a picture."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from stateflow.dataflow.graph import EdgeKind, Method
from stateflow.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.dataflow.graph import Edge, Field, Graph, Operator

__all__ = ["draw_svg", "to_dot", "to_mermaid"]

_DOT_LIMIT_S = 60


def to_dot(graph: Graph) -> str:
    """Return the graph in the DOT language of Graphviz."""
    lines = ["digraph dataflow {", "  rankdir=LR;", '  node [shape=record, fontname="Helvetica"];', '  edge [fontname="Helvetica"];']
    lines += [f"  {_quoted(operator.name)} [label={_record(operator)}];" for operator in graph.operators]
    for edge, member in _drawn(graph):
        style = ", style=dashed" if not edge.is_certain else ""
        source = f"{_quoted(edge.operator)}:{_quoted(_port(edge.method))}"
        target = _quoted(edge.target) + (f":{_quoted(_port(member))}" if member else "")
        lines.append(f"  {source} -> {target} [label={_quoted(edge.kind.value)}{style}];")
    return "\n".join([*lines, "}"]) + "\n"


def to_mermaid(graph: Graph) -> str:
    """Return the graph as a Mermaid flowchart."""
    lines = ["flowchart LR"]
    for operator in graph.operators:
        lines.append(f"  subgraph {_id(operator.name)}[{_text(operator.name)}]")
        lines += [f"    {_id(operator.name, field.name)}[({_text(_signature(field))})]" for field in operator.fields]
        lines += [f"    {_id(operator.name, method.name)}[{_text(_signature(method))}]" for method in operator.methods]
        lines.append("  end")
    for edge, member in _drawn(graph):
        arrow = "-->" if edge.is_certain else "-.->"
        target = _id(edge.target, member) if member else _id(edge.target)
        lines.append(f"  {_id(edge.operator, edge.method)} {arrow}|{edge.kind.value}| {target}")
    return "\n".join(lines) + "\n"


def draw_svg(graph: Graph) -> str:
    """Return the graph as an SVG picture, drawn by the `dot` program of Graphviz.

    Raises:
        ConfigurationError: Graphviz is not installed, or it failed.
    """
    program = shutil.which("dot")
    if program is None:
        raise ConfigurationError(
            "SF540: an SVG is drawn by Graphviz's `dot`, which is not on the PATH; install Graphviz (https://graphviz.org/download), "
            "or choose the format dot or mermaid"
        )
    done = subprocess.run([program, "-Tsvg"], input=to_dot(graph), capture_output=True, encoding="utf-8", timeout=_DOT_LIMIT_S, check=False)
    if done.returncode:
        raise ConfigurationError(f"SF540: Graphviz could not draw the dataflow: {done.stderr.strip()}")
    return done.stdout


def _drawn(graph: Graph) -> Iterator[tuple[Edge, str]]:
    """Yield one edge of those that differ in the line only, with its member, or with none where the operator does not show it."""
    shown = {o.name: {f.name for f in o.fields} | {m.name for m in o.methods} for o in graph.operators}
    seen: set[tuple[str, str, EdgeKind, str, str, bool]] = set()
    for edge in graph.edges:
        member = edge.member if edge.member in shown[edge.target] else ""
        known = (edge.operator, edge.method, edge.kind, edge.target, member, edge.is_certain)
        if known not in seen:
            seen.add(known)
            yield edge, member


def _signature(member: Field | Method) -> str:
    if isinstance(member, Method):
        return f"{member.name}({', '.join(member.parameters)})"
    return f"{member.name}: {member.type}"


def _record(operator: Operator) -> str:
    parts = [_cell(field.name, _signature(field)) for field in operator.fields]
    parts += [_cell(method.name, _signature(method)) for method in operator.methods]
    return _quoted("|".join([_escaped(operator.name), *parts]), escape=False)


def _cell(name: str, text: str) -> str:
    return f"<{_port(name)}> {_escaped(text)}"


def _port(name: str) -> str:
    # A port must not be one of the points of the compass, such as `n` or `se`.
    return f"p_{name}"


def _escaped(text: str) -> str:
    return re.sub(r'([{}|<>"\\\[\] ])', r"\\\1", text)


def _quoted(text: str, *, escape: bool = True) -> str:
    inner = text.replace("\\", "\\\\").replace('"', '\\"') if escape else text
    return f'"{inner}"'


def _id(*names: str) -> str:
    # Mermaid takes a bare `end` for the end of a subgraph.
    return "n_" + "_".join(re.sub(r"\W", "_", name) for name in names)


def _text(text: str) -> str:
    return '"' + text.replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;") + '"'
