"""The commands: check, explain, graph, and those that other modules define."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

import stateflow
from stateflow.cli import printing
from stateflow.cli.bench import bench
from stateflow.cli.call import call
from stateflow.cli.dev import app as dev
from stateflow.cli.doctor import doctor
from stateflow.cli.flink import app as flink
from stateflow.cli.modules import find_class, load_classes, split_target
from stateflow.cli.new import new
from stateflow.cli.options import Json, Module
from stateflow.cli.printing import print_json
from stateflow.cli.refusals import ERRORS_EXIT, refusals
from stateflow.cli.serve import serve
from stateflow.cli.simulation import simulate
from stateflow.cli.state import app as state
from stateflow.errors import CompileError

if TYPE_CHECKING:
    from stateflow.compiler.diagnostics import Diagnostic

__all__ = ["app"]

app = typer.Typer(
    name="stateflow",
    help="Compile annotated Python classes to stateful dataflows.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(bench)
app.command(context_settings={"ignore_unknown_options": True})(call)
app.add_typer(dev, name="dev")
app.command()(doctor)
app.command()(new)
app.command()(serve)
app.add_typer(flink, name="flink")
app.command()(simulate)
app.add_typer(state, name="state")


class Format(StrEnum):
    """How a dataflow is printed."""

    DOT = "dot"
    MERMAID = "mermaid"
    SVG = "svg"


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"stateflow {stateflow.__version__}")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)] = False,
) -> None:
    """Compile annotated Python classes to stateful dataflows."""


@app.command()
def check(module: Module, *, json: Json = False) -> None:
    """Print every error and warning of a module's entity classes; exit with 1 when there is an error."""
    with refusals():
        found = _diagnose(module)
    errors = sum(d.severity.value == "error" for d in found)
    if json:
        print_json({"module": module, "errors": errors, "warnings": len(found) - errors, "diagnostics": [_fields(d) for d in found]})
    else:
        printing.print_diagnostics(found, errors, module)
    raise typer.Exit(ERRORS_EXIT if errors else 0)


@app.command()
def explain(
    target: Annotated[
        str, typer.Argument(metavar="MODULE[:CLASS.METHOD]", help="Such as shop:User.buy_item, or shop.", show_default=False)
    ],
    *,
    json: Json = False,
) -> None:
    """Show where a method may wait for another entity, what it keeps meanwhile, whether it is read-only, and its control-flow graph.

    Of a module alone, show which methods are read-only.
    """
    from stateflow.compiler.explain import explain as explain_method
    from stateflow.compiler.explain import explain_writes

    if ":" not in target:
        with refusals():
            writes = explain_writes(load_classes(target))
        print_json(writes) if json else printing.print_writes(writes)
        return
    with refusals():
        module, class_name, method = split_target(target)
        classes = load_classes(module)
        explanation = explain_method(classes, find_class(classes, class_name), method)
    if json:
        print_json(explanation)
    else:
        printing.print_explanation(explanation)


@app.command()
def graph(
    module: Module,
    *,
    form: Annotated[Format, typer.Option("--format", help="SVG needs Graphviz.")] = Format.DOT,
    json: Json = False,
) -> None:
    """Print the dataflow: an operator for each entity class, and the edges between their methods."""
    from stateflow.compiler.pipeline import analyse
    from stateflow.compiler.program import Program
    from stateflow.dataflow.graph import build_graph
    from stateflow.dataflow.render import draw_svg, to_dot, to_mermaid

    with refusals():
        program = Program(load_classes(module))
        analyse(program)
        built = build_graph(program)
        text = "" if json else {Format.DOT: to_dot, Format.MERMAID: to_mermaid, Format.SVG: draw_svg}[form](built)
    print_json(built) if json else typer.echo(text, nl=False)


def _diagnose(module: str) -> tuple[Diagnostic, ...]:
    from stateflow.compiler.checks import check_classes

    try:
        return tuple(check_classes(load_classes(module)))
    except CompileError as error:
        # The module compiled its classes itself while it was imported.
        return error.diagnostics


def _fields(diagnostic: Diagnostic) -> dict[str, object]:
    fields: dict[str, object] = msgspec.to_builtins(diagnostic)
    return {**fields, "docs": diagnostic.docs}
