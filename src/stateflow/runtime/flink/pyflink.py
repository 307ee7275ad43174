"""Run a dataflow on Apache Flink.

The job: the log in Kafka, keyed by place, through `PlaceOperator`, back into the log and into the replies. What a place holds is Flink's
keyed state. Records may come twice after a crash; the places drop what they have had, so Flink's checkpoints need only be at-least-once.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from stateflow.errors import MissingExtra

# Before what needs Kafka, whose extra alone would not do.
try:
    import pyflink.version  # noqa: F401
except ImportError as error:
    raise MissingExtra("SF541: Flink needs apache-flink, which is not installed; run: pip install 'stateflow[flink]'") from error

from stateflow.client.kafka.classes import write_classes
from stateflow.client.kafka.topics import group_of, has_lost_its_beginning, log_ranges, open_topics
from stateflow.client.signatures import signatures_of
from stateflow.development.processes import free_ports
from stateflow.errors import JobFailed, JobRefused, SavepointRefused
from stateflow.options import FlinkOptions, overridden
from stateflow.runtime.base import Runtime
from stateflow.runtime.flink.access import check_access
from stateflow.runtime.flink.environments import local_environment, remote_environment
from stateflow.runtime.flink.failures import reason_of
from stateflow.runtime.flink.java_settings import java_settings
from stateflow.runtime.flink.job_settings import check_importable, job_settings
from stateflow.runtime.flink.keys import MAX_PARALLELISM, place_keys
from stateflow.runtime.flink.loading import submitted_classes
from stateflow.runtime.flink.rest import FlinkJobs
from stateflow.runtime.flink.savepoints import log_positions, misfit
from stateflow.runtime.flink.starting import wait_probed, wait_started

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyflink.common import JobClient
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
        options = options or FlinkOptions()
        kafka = overridden(options.kafka, None, brokers=brokers)
        self._options = overridden(options, settings, kafka=kafka, parallelism=parallelism)
        for cls in flow.classes:
            check_importable(cls)
        self._job: JobClient | None = None

    def run(self, *, async_execution: bool = False) -> None:
        """Run the job in a cluster inside this process.

        Args:
            async_execution: return when the job runs, instead of when it has ended; `close` ends it.

        Raises:
            JobFailed: it could not begin, or failed later.
            BrokerUnreachable: no broker answers.
            AccessRefused: Kafka refuses the program that submits, or the job, or one of them lacks a right.
            TopicRefused: a topic has settings that would break what StateFlow promises.
        """
        topics = open_topics(self._options.kafka)
        self._check_log(topics)
        (port,) = free_ports(1)
        # So that what the job does can be asked, as on a cluster.
        settings = {"rest.port": str(port), "rest.bind-port": str(port), "rest.bind-address": "127.0.0.1", **self._settings()}
        environment = local_environment(settings)
        check_access(self._options.kafka, topics, self._kafka_settings())
        self._job = self._execute(environment, FlinkJobs(f"127.0.0.1:{port}"), topics)
        if not async_execution:
            self._wait_end()

    def submit(self, jobmanager: str, savepoint: str | None = None) -> str:
        """Give the job to a cluster, and wait until all of its parts run.

        Args:
            jobmanager: `host:port` of the JobManager's REST interface.
            savepoint: the state to begin with.

        Returns:
            The id of the job.

        Raises:
            JobManagerUnreachable: no JobManager answers there.
            JobRefused: a job of this application runs there already, or the log has lost its beginning and no savepoint is given, or
                the cluster lacks slots.
            JobFailed: its workers cannot run the classes.
            SavepointRefused: the log has no longer what the savepoint needs.
            BrokerUnreachable: no broker answers.
            AccessRefused: Kafka refuses the program that submits, or the job, or one of them lacks a right.
            TopicRefused: a topic has settings that would break what StateFlow promises.
        """
        application, jobs = self._options.kafka.application, FlinkJobs(jobmanager)
        if any(job.application == application for job in jobs.running()):
            raise JobRefused(application, "a job of this application runs already; stop it first, or name another application")
        settings, topics = self._settings(), open_topics(self._options.kafka)
        if savepoint is None:
            self._check_log(topics)
        else:
            settings["execution.state-recovery.path"] = savepoint
            self._check_savepoint(savepoint, topics)
        environment = remote_environment(jobmanager, settings)
        check_access(self._options.kafka, topics, self._kafka_settings())
        self.probe(jobmanager)
        return str(self._execute(environment, jobs, topics).get_job_id())

    def probe(self, jobmanager: str) -> None:
        """Load the classes in every free slot of a cluster, or in as many as the job needs when none is free.

        A worker that cannot load them is found before anything is written, and one that has loaded them takes over from another sooner.

        Raises:
            JobManagerUnreachable: no JobManager answers there.
            JobFailed: a worker cannot load the classes.
            JobRefused: no slot got free in time.
        """
        from stateflow.runtime.flink.probe import probe_settings, submit_probe

        application, jobs = self._options.kafka.application, FlinkJobs(jobmanager)
        slots = min(jobs.slots()[0] or self._options.parallelism, MAX_PARALLELISM)
        environment = remote_environment(jobmanager, probe_settings(self._settings()))
        job_id = submit_probe(environment, f"probe of {application}", submitted_classes(self.flow), slots)
        wait_probed(jobs, job_id, application, self._options.start_timeout_s)

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

    def _check_savepoint(self, savepoint: str, topics: Topics) -> None:
        positions = log_positions(savepoint)
        if positions is not None and (reason := misfit(positions, log_ranges(self._options.kafka, topics))):
            raise SavepointRefused(self._options.kafka.application, savepoint, reason)

    def _execute(self, environment: StreamExecutionEnvironment, jobs: FlinkJobs, topics: Topics) -> JobClient:
        application = self._options.kafka.application
        self._build(environment, topics)
        job = environment.execute_async(f"{FlinkJobs.PREFIX}{application}")
        wait_started(jobs, str(job.get_job_id()), application, self._options.start_timeout_s)
        if signatures := self.signatures():
            write_classes(self._options.kafka, topics, signatures)
        return job

    def _wait_end(self) -> None:
        from py4j.protocol import Py4JJavaError

        assert self._job is not None
        result = self._job.get_job_execution_result()
        try:
            # Ctrl-C must not come in the middle of a call to Flink.
            while not result.done():
                time.sleep(_POLL_S)
            result.result()
        except KeyboardInterrupt:
            self.close()
        except Py4JJavaError as error:
            raise JobFailed(self._options.kafka.application, reason_of(str(error.java_exception.toString()))) from None
        finally:
            self._job = None

    def _build(self, environment: StreamExecutionEnvironment, topics: Topics) -> None:
        from pyflink.common import Types, WatermarkStrategy

        from stateflow.runtime.flink.connectors import log_source, record_sink
        from stateflow.runtime.flink.operator import DEAD_LETTERS, REPLIES, ROWS

        keys = place_keys(topics.partitions)
        operator = self.operator(keys, topics.reply_partitions)
        brokers, settings = self._options.kafka.brokers, self._kafka_settings()
        source = log_source(brokers, topics.log, topics.partitions, settings, group_of(self._options.kafka))
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

        return PlaceOperator(submitted_classes(self.flow), keys, reply_partitions, self._options.cache_bytes)

    def _settings(self) -> dict[str, str]:
        return job_settings(self._options, [cls.__module__ for cls in self.flow.classes])
