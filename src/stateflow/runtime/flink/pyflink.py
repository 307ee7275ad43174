"""Run a dataflow on Apache Flink.

The job: the log in Kafka, keyed by place, through `PlaceOperator`, back into the log and into the replies. What a place holds is Flink's
keyed state. Records may come twice after a crash; the places drop what they have had, so Flink's checkpoints need only be at-least-once.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from stateflow.client.kafka.classes import write_classes
from stateflow.client.kafka.topics import has_lost_its_beginning, open_topics
from stateflow.client.signatures import signatures_of
from stateflow.development.jars import fetch_jars
from stateflow.errors import ConfigurationError, JobRefused, MissingExtra
from stateflow.options import FlinkOptions
from stateflow.runtime.base import Runtime
from stateflow.runtime.flink.java_settings import java_settings
from stateflow.runtime.flink.keys import HASH_SEED, MAX_PARALLELISM, place_keys
from stateflow.runtime.flink.rest import FlinkJobs

try:
    import pyflink.version  # noqa: F401
except ImportError as error:
    raise MissingExtra("SF541: Flink needs apache-flink, which is not installed; run: pip install 'stateflow[flink]'") from error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyflink.common import Configuration, JobClient
    from pyflink.datastream import StreamExecutionEnvironment

    from stateflow.client.kafka.topics import Topics
    from stateflow.client.signatures import Signatures
    from stateflow.dataflow import Dataflow
    from stateflow.runtime.flink.operator import PlaceOperator, PlaceSelector

__all__ = ["FlinkRuntime", "Runtime"]

_POLL_S: Final = 0.2


class FlinkRuntime(Runtime):
    """Run the dataflow as a job of Flink, behind Kafka.

    ```py
    runtime = FlinkRuntime(flow, brokers="localhost:9092")
    runtime.run()
    ```

    Args:
        flow: the compiled classes. Their modules have to be importable in the workers, so none may be `__main__`.
        brokers: where the Kafka brokers are, `host:port`, several with commas.
        parallelism: in how many parallel parts the places run.
        options: everything else; what else is given here goes first.
        settings: settings of Flink, such as `state.backend.type`.

    Raises:
        ConfigurationError: a class lives where workers cannot import it, or an option is wrong.
    """

    def __init__(
        self,
        flow: Dataflow,
        brokers: str | None = None,
        parallelism: int | None = None,
        *,
        options: FlinkOptions | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(flow)
        self._options = _options(options or FlinkOptions(), brokers, parallelism, settings)
        self._classes = tuple(_path_of(cls) for cls in flow.classes)
        self._job: JobClient | None = None

    def run(self, *, async_execution: bool = False) -> None:
        """Run the job in a cluster inside this process.

        Args:
            async_execution: return when the job runs, instead of when it has ended; `close` ends it.
        """
        topics = open_topics(self._options.kafka)
        self._check_log(topics)
        job = self._execute(_local_environment(self._settings()), topics, waits=not async_execution)
        self._job = job if async_execution else None

    def submit(self, jobmanager: str, savepoint: str | None = None) -> str:
        """Give the job to a cluster.

        Args:
            jobmanager: `host:port` of the JobManager's REST interface.
            savepoint: the state to begin with.

        Returns:
            The id of the job.

        Raises:
            JobManagerUnreachable: no JobManager answers there.
            JobRefused: a job of this application runs there already, or the log has lost its beginning and no savepoint is given.
            BrokerUnreachable: no broker answers.
            TopicRefused: a topic has settings that would break what StateFlow promises.
        """
        application = self._options.kafka.application
        if any(job.application == application for job in FlinkJobs(jobmanager).running()):
            raise JobRefused(application, "a job of this application runs already; stop it first, or name another application")
        settings, topics = self._settings(), open_topics(self._options.kafka)
        if savepoint is not None:
            settings["execution.state-recovery.path"] = savepoint
        else:
            self._check_log(topics)
        job = self._execute(_remote_environment(jobmanager, settings), topics, waits=False)
        return str(job.get_job_id())

    def close(self) -> None:
        """End the job that runs in this process. A job that was submitted goes on. May be called again."""
        job, self._job = self._job, None
        if job is not None:
            job.cancel().result()

    def _check_log(self, topics: Topics) -> None:
        """Refuse to begin without state on a log whose first records are gone: the states would not be those that clients have seen."""
        if has_lost_its_beginning(self._options.kafka, topics):
            reason = f"the broker has deleted the first records of {topics.log}: begin from a savepoint, or name another application"
            raise JobRefused(self._options.kafka.application, reason)

    def _execute(self, environment: StreamExecutionEnvironment, topics: Topics, *, waits: bool) -> Any:
        self._build(environment, topics)
        job = environment.execute_async(f"{FlinkJobs.PREFIX}{self._options.kafka.application}")
        if signatures := self.signatures():
            write_classes(self._options.kafka, topics, signatures)
        if not waits:
            return job
        result = job.get_job_execution_result()
        try:
            # Ctrl-C must not come in the middle of a call to Flink.
            while not result.done():
                time.sleep(_POLL_S)
            result.result()
        except KeyboardInterrupt:
            job.cancel().result()
        return job

    def _build(self, environment: StreamExecutionEnvironment, topics: Topics) -> None:
        from pyflink.common import Types, WatermarkStrategy

        from stateflow.runtime.flink.connectors import log_source, record_sink
        from stateflow.runtime.flink.operator import DEAD_LETTERS, REPLIES, ROWS

        keys = place_keys(topics.partitions)
        operator = self.operator(keys, topics.reply_partitions)
        brokers, settings = self._options.kafka.brokers, self._kafka_settings()
        source = log_source(brokers, topics.log, settings)
        log = environment.from_source(source, WatermarkStrategy.no_watermarks(), "log", Types.PRIMITIVE_ARRAY(Types.BYTE())).uid("log")
        places = log.key_by(self.selector(keys), Types.INT()).process(operator, ROWS).name("places").uid("places")
        places.sink_to(record_sink(brokers, topics.log, settings)).name("to-log").uid("to-log")
        for tag, topic, name in ((REPLIES, topics.replies, "to-clients"), (DEAD_LETTERS, topics.dead_letters, "dead-letters")):
            places.get_side_output(tag).sink_to(record_sink(brokers, topic, settings)).name(name).uid(name)

    def _kafka_settings(self) -> dict[str, str]:
        given = self._options.kafka_settings
        return dict(given) if given else java_settings(self._options.kafka.settings)

    def signatures(self) -> Signatures:
        """Return what clients may call, which they compare with their own classes; nothing when they should not."""
        return signatures_of(self.flow, has_former_names=True)

    def selector(self, keys: tuple[int, ...]) -> PlaceSelector:
        """Return what says which place a record is for."""
        from stateflow.runtime.flink.operator import PlaceSelector

        return PlaceSelector(keys)

    def operator(self, keys: tuple[int, ...], reply_partitions: int) -> PlaceOperator:
        """Return what runs in the workers."""
        from stateflow.runtime.flink.operator import PlaceOperator

        return PlaceOperator(self._classes, keys, reply_partitions, self._options.cache_bytes)

    def _settings(self) -> dict[str, str]:
        options = self._options
        packages = sysconfig.get_paths()["purelib"]
        jars = sorted(fetch_jars("flink").glob("*.jar"))
        return {
            "python.execution-mode": "thread",
            "python.executable": sys.executable,
            "python.client.executable": sys.executable,
            "python.pythonpath": ":".join([*self._python_path(), packages]),
            "pipeline.jars": ";".join(jar.as_uri() for jar in jars),
            "parallelism.default": str(options.parallelism),
            "pipeline.max-parallelism": str(MAX_PARALLELISM),
            "pipeline.object-reuse": "true",
            # The default gathers records for 100 ms before it passes them on.
            "execution.buffer-timeout.interval": "0 ms",
            "execution.checkpointing.interval": f"{options.checkpoint_interval_ms} ms",
            "execution.checkpointing.mode": "AT_LEAST_ONCE",
            # For clusters that make containers of their own; others set it in the environment of the TaskManagers.
            "containerized.taskmanager.env.PYTHONHASHSEED": HASH_SEED,
            "restart-strategy.type": "exponential-delay",
            "restart-strategy.exponential-delay.initial-backoff": "200 ms",
            "restart-strategy.exponential-delay.max-backoff": "10 s",
            **options.settings,
        }

    def _python_path(self) -> list[str]:
        """Return the folders from which the classes' modules, and this package, are imported."""
        modules = [sys.modules[name] for name, _ in self._classes] + [sys.modules["stateflow"]]
        folders = [_root_of(module.__name__, module.__file__ or "") for module in modules]
        return list(dict.fromkeys([*self._options.python_path, *folders]))


def _root_of(name: str, file: str) -> str:
    """Return the folder from which a module of this name and file was imported."""
    path = Path(file).resolve()
    depth = name.count(".") + (path.name == "__init__.py")
    return str(path.parents[depth])


def _path_of(cls: type) -> tuple[str, str]:
    if cls.__module__ == "__main__" or "<locals>" in cls.__qualname__:
        where = "the program that is run" if cls.__module__ == "__main__" else "a function"
        raise ConfigurationError(
            f"SF540: {cls.__qualname__} is defined in {where}, which Flink's workers cannot import: "
            "move it to a module, such as demo_common.py"
        )
    return cls.__module__, cls.__qualname__


def _local_environment(settings: Mapping[str, str]) -> StreamExecutionEnvironment:
    from pyflink.datastream import StreamExecutionEnvironment

    # Flink starts in a process of its own, whose interpreters take this over.
    os.environ["PYTHONHASHSEED"] = HASH_SEED
    return StreamExecutionEnvironment.get_execution_environment(_configuration(settings))


def _remote_environment(jobmanager: str, settings: Mapping[str, str]) -> StreamExecutionEnvironment:
    from pyflink.datastream import StreamExecutionEnvironment
    from pyflink.java_gateway import get_gateway

    host, _, port = jobmanager.rpartition(":")
    if not host or not port.isdecimal():
        raise ConfigurationError(f"SF540: jobmanager is {jobmanager!r}; it must be host:port, such as localhost:8081")
    java = get_gateway().jvm.org.apache.flink.streaming.api.environment.StreamExecutionEnvironment
    jars = get_gateway().new_array(get_gateway().jvm.String, 0)
    return StreamExecutionEnvironment(java.createRemoteEnvironment(host, int(port), _configuration(settings)._j_configuration, jars))


def _configuration(settings: Mapping[str, str]) -> Configuration:
    from pyflink.common import Configuration

    configuration = Configuration()
    for name, value in settings.items():
        configuration.set_string(name, value)
    return configuration


def _options(options: FlinkOptions, brokers: str | None, parallelism: int | None, settings: Mapping[str, str] | None) -> FlinkOptions:
    changes: dict[str, Any] = {}
    if brokers is not None:
        changes["kafka"] = msgspec.structs.replace(options.kafka, brokers=brokers)
    if parallelism is not None:
        changes["parallelism"] = parallelism
    if settings is not None:
        changes["settings"] = {**options.settings, **settings}
    return msgspec.structs.replace(options, **changes)
