"""The commands `stateflow dev`: real Kafka and Flink on this machine, for development and tests."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from stateflow.cli.options import Json
from stateflow.cli.printing import print_json
from stateflow.cli.refusals import refusals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stateflow.development.kafka import KafkaBroker
    from stateflow.development.kafka_cluster import KafkaCluster

__all__ = ["app"]

_KAFKA_PORT = 9092
# Archives and their descriptions that Maven fetches; the bar ends earlier when Maven has some of them.
_EXPECTED = {"kafka": 94, "flink": 1}

app = typer.Typer(help="Start real Kafka and Flink on this machine, for development and tests.", no_args_is_help=True)
Folder = Annotated[Path, typer.Option(help="Where logs, topics and checkpoints are kept.")]
Detach = Annotated[bool, typer.Option("--detach", help="Leave it running in the background; `stateflow dev stop` ends it.")]
DEFAULT_FOLDER = Path(".stateflow")


@app.command()
def kafka(
    *,
    folder: Folder = DEFAULT_FOLDER,
    port: Annotated[int | None, typer.Option(help="Where clients connect.", show_default="9092, or a free one when that is taken")] = None,
    brokers: Annotated[int, typer.Option(help="How many, with copies of each other's topics.", min=1, max=9)] = 1,
    detach: Detach = False,
) -> None:
    """Start a Kafka broker, or several; end them with Ctrl-C."""
    from stateflow.development.processes import is_free
    from stateflow.development.register import note_running

    chosen = port or (_KAFKA_PORT if is_free(_KAFKA_PORT) else None)
    with refusals():
        with _fetching("kafka") as on_fetched:
            kafka = _kafka(folder, brokers, chosen, on_fetched)
        kafka.start()
        typer.echo(f'Kafka takes connections: brokers="{kafka.address}"')
        if detach:
            note_running(folder, "Kafka", kafka.address, kafka.pids)
        else:
            _serve(kafka.stop)


@app.command()
def flink(
    *,
    folder: Folder = DEFAULT_FOLDER,
    task_managers: Annotated[int, typer.Option(help="How many TaskManagers.", min=1, max=16)] = 1,
    slots: Annotated[int, typer.Option(help="Parallel parts of jobs that one TaskManager runs.", min=1, max=64)] = 2,
    detach: Detach = False,
) -> None:
    """Start a Flink session cluster; end it with Ctrl-C."""
    from stateflow.development.flink import FlinkCluster
    from stateflow.development.register import note_running

    with refusals():
        with _fetching("flink") as on_fetched:
            cluster = FlinkCluster(folder / "flink", task_managers, slots, python_path=[Path.cwd()], on_fetched=on_fetched)
        cluster.start()
        typer.echo(f'Flink takes jobs: runtime.submit("{cluster.address}"); its page is http://{cluster.address}')
        if detach:
            note_running(folder, "Flink", cluster.address, cluster.pids)
        else:
            _serve(cluster.stop)


@app.command()
def status(*, folder: Folder = DEFAULT_FOLDER, json: Json = False) -> None:
    """Show what runs in the background."""
    from stateflow.development.register import forget_stopped

    running = forget_stopped(folder)
    if json:
        print_json(running)
    elif not running:
        typer.echo("nothing runs in the background")
    for each in () if json else running:
        typer.echo(f"{each.title} at {each.address}, process {each.pid}")


@app.command()
def stop(*, folder: Folder = DEFAULT_FOLDER, json: Json = False) -> None:
    """End what runs in the background."""
    from stateflow.development.register import stop_running

    stopped = stop_running(folder)
    if json:
        print_json(stopped)
        return
    for each in stopped:
        typer.echo(f"stopped {each.title}, process {each.pid}")
    if not stopped:
        typer.echo("nothing runs in the background")


def _kafka(folder: Path, brokers: int, port: int | None, on_fetched: Callable[[str], None]) -> KafkaBroker | KafkaCluster:
    if brokers == 1:
        from stateflow.development.kafka import KafkaBroker

        return KafkaBroker(folder / "kafka", port, on_fetched=on_fetched)
    from stateflow.development.kafka_cluster import KafkaCluster

    return KafkaCluster(folder / "kafka-cluster", brokers, port, on_fetched=on_fetched)


def _serve(end: Callable[[], None]) -> None:
    """Wait for Ctrl-C or a request to end, then end it."""
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.set())
    typer.echo("Ctrl-C ends it")
    asked.wait()
    end()
    typer.echo("stopped")


@contextmanager
def _fetching(name: str) -> Iterator[Callable[[str], None]]:
    """Show a bar while archives come in; nothing when they are there already."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(f"fetching {name}", total=_EXPECTED[name], visible=False)
        yield lambda _: progress.update(bar, advance=1, visible=True)
