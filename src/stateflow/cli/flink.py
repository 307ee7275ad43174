"""The commands `stateflow flink`: jobs on a cluster of Flink, from their submission to their upgrade."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

import stateflow
from stateflow.cli.kafka_settings import read_settings
from stateflow.cli.modules import load_classes
from stateflow.cli.options import Json, Module
from stateflow.cli.printing import print_json
from stateflow.cli.refusals import refusals
from stateflow.limits import JOB_CATCH_UP_S

if TYPE_CHECKING:
    from stateflow.options import KafkaOptions

__all__ = ["app"]

app = typer.Typer(help="Submit, look at, save, resume and upgrade jobs on a cluster of Flink.", no_args_is_help=True)
JobManager = Annotated[str, typer.Option(help="Host and port of the JobManager's REST interface.")]
Brokers = Annotated[str, typer.Option(help="Where the Kafka brokers are, host:port, several with commas.")]
KafkaSettings = Annotated[
    Path | None,
    typer.Option(
        envvar="STATEFLOW_KAFKA_SETTINGS",
        help="A file of settings for the brokers, one name=value a line, such as security.protocol=SASL_SSL.",
        show_default=False,
    ),
]
Application = Annotated[str, typer.Option(help="The name that begins the topics.")]
Parallelism = Annotated[int, typer.Option(help="In how many parallel parts the places run.", min=1)]
Partitions = Annotated[int, typer.Option(help="Partitions of the log, if it has to be made.", min=1)]
Wait = Annotated[float, typer.Option(help="How long a job that has restarted may take to be where it was, in seconds.", min=0)]
Folder = Annotated[str | None, typer.Option(help="Where the savepoint goes.", show_default="the cluster's own setting")]
JOB_MANAGER = "localhost:8081"
BROKERS = "localhost:9092"


@app.command()
def submit(
    module: Module,
    *,
    jobmanager: JobManager = JOB_MANAGER,
    brokers: Brokers = BROKERS,
    kafka_settings: KafkaSettings = None,
    application: Application = "stateflow",
    parallelism: Parallelism = 1,
    partitions: Partitions = 4,
    json: Json = False,
) -> None:
    """Compile a module's entity classes and run them as a job."""
    with refusals():
        _tell("job", _submit(module, jobmanager, _kafka(brokers, application, kafka_settings, partitions), parallelism, None), json)


@app.command()
def probe(module: Module, *, jobmanager: JobManager = JOB_MANAGER, json: Json = False) -> None:
    """Load a module's entity classes in every free slot: what workers lack is told, and a spare TaskManager takes over sooner."""
    from stateflow.runtime.flink.pyflink import FlinkRuntime

    with refusals():
        FlinkRuntime(stateflow.init(*load_classes(module))).probe(jobmanager)
    if json:
        print_json({"module": module, "jobmanager": jobmanager})


@app.command()
def status(*, jobmanager: JobManager = JOB_MANAGER, json: Json = False) -> None:
    """Show the jobs that run, and those that failed, with their last errors."""
    from stateflow.runtime.flink.rest import FlinkJobs

    with refusals():
        shown = FlinkJobs(jobmanager).shown()
    if json:
        print_json(shown)
        return
    table = Table("application", "job", "state", "for")
    for job in shown:
        table.add_row(job.application, job.id, job.state, str(dt.timedelta(seconds=int(job.running_s))))
    console = Console()
    console.print(table if shown else "no job of StateFlow runs")
    for job in shown:
        if job.problem:
            console.print(f"{job.application}: {job.problem}", markup=False, highlight=False, soft_wrap=True)
        if job.checkpoint:
            console.print(f"{job.application}: resume from {job.checkpoint}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def stop(
    *,
    jobmanager: JobManager = JOB_MANAGER,
    brokers: Brokers = BROKERS,
    kafka_settings: KafkaSettings = None,
    application: Application = "stateflow",
    folder: Folder = None,
    wait_s: Wait = JOB_CATCH_UP_S,
    json: Json = False,
) -> None:
    """Save the state of a job and end it; print where the savepoint is."""
    with refusals():
        _tell("savepoint", _stop(jobmanager, _kafka(brokers, application, kafka_settings), folder, wait_s), json)


@app.command()
def resume(
    module: Module,
    savepoint: Annotated[str, typer.Argument(help="What `stop` printed.", show_default=False)],
    *,
    jobmanager: JobManager = JOB_MANAGER,
    brokers: Brokers = BROKERS,
    kafka_settings: KafkaSettings = None,
    application: Application = "stateflow",
    parallelism: Parallelism = 1,
    json: Json = False,
) -> None:
    """Begin a job with the state of a savepoint, also with another parallelism or changed classes."""
    with refusals():
        _tell("job", _submit(module, jobmanager, _kafka(brokers, application, kafka_settings), parallelism, savepoint), json)


@app.command()
def upgrade(
    module: Module,
    *,
    jobmanager: JobManager = JOB_MANAGER,
    brokers: Brokers = BROKERS,
    kafka_settings: KafkaSettings = None,
    application: Application = "stateflow",
    parallelism: Parallelism = 1,
    folder: Folder = None,
    wait_s: Wait = JOB_CATCH_UP_S,
    json: Json = False,
) -> None:
    """Compile first; then stop the job with a savepoint and begin it again with the new classes."""
    with refusals():
        stateflow.init(*load_classes(module))
        kafka = _kafka(brokers, application, kafka_settings)
        savepoint = _stop(jobmanager, kafka, folder, wait_s)
        typer.echo(f"saved {savepoint}; if what follows fails, `stateflow flink resume MODULE {savepoint}` goes on with it", err=True)
        _tell("job", _submit(module, jobmanager, kafka, parallelism, savepoint), json)


@app.command(name="dead-letters")
def dead_letters(
    *, brokers: Brokers = BROKERS, kafka_settings: KafkaSettings = None, application: Application = "stateflow", json: Json = False
) -> None:
    """Show what places could not handle, and why."""
    from stateflow.client.kafka.letters import read_dead_letters

    with refusals():
        letters = read_dead_letters(_kafka(brokers, application, kafka_settings))
    if json:
        print_json(letters)
        return
    table = Table("time", "from", "reason", "bytes")
    for letter in letters:
        time = dt.datetime.fromtimestamp(letter.time_ns / 1e9, dt.UTC).isoformat(timespec="milliseconds")
        table.add_row(time, letter.source, letter.reason, letter.data[:32].hex(" "))
    Console().print(table if letters else "no dead letters")


def _tell(name: str, value: str, json: bool) -> None:
    print_json({name: value}) if json else typer.echo(value)


def _kafka(brokers: str, application: str, settings: Path | None, partitions: int = 1) -> KafkaOptions:
    from stateflow.options import KafkaOptions

    return KafkaOptions(brokers=brokers, application=application, partitions=partitions, settings=read_settings(settings))


def _submit(module: str, jobmanager: str, kafka: KafkaOptions, parallelism: int, savepoint: str | None) -> str:
    from stateflow.options import FlinkOptions
    from stateflow.runtime.flink.pyflink import FlinkRuntime

    flow = stateflow.init(*load_classes(module))
    return FlinkRuntime(flow, options=FlinkOptions(kafka=kafka, parallelism=parallelism)).submit(jobmanager, savepoint)


def _stop(jobmanager: str, kafka: KafkaOptions, folder: str | None, wait_s: float) -> str:
    from stateflow.runtime.flink.catching_up import save_and_stop
    from stateflow.runtime.flink.rest import FlinkJobs

    return save_and_stop(FlinkJobs(jobmanager), kafka, folder, timeout_s=wait_s)
