"""A real Flink session cluster on this machine, for development and tests: one JobManager, some TaskManagers, each a process."""

from __future__ import annotations

import importlib.util
import itertools
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from stateflow.development.jars import fetch_jars, find_java
from stateflow.development.processes import JavaProcess, free_ports, takes_connections, wait_until
from stateflow.errors import JobManagerUnreachable, JobRefused, MissingExtra
from stateflow.runtime.flink.rest import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["FlinkCluster", "flink_folder"]

START_DEADLINE_S: Final = 90.0
_HOST: Final = "127.0.0.1"
_JVM: Final = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_JOB_MANAGER: Final = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
_ZOOKEEPER: Final = "org.apache.flink.shaded.zookeeper3.org.apache.zookeeper.server.ZooKeeperServerMain"
_TASK_MANAGER: Final = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"

_WAIT_FOR_SLOTS_MS: Final = 7 * 24 * 3600 * 1000
"""How long jobs wait for TaskManagers: as long as the log keeps their records."""

# Start scripts compute these sizes from a total; without the scripts each has to be named.
_TASK_MANAGER_MEMORY: Final = {
    "taskmanager.cpu.cores": "2",
    "taskmanager.memory.framework.heap.size": "128m",
    "taskmanager.memory.framework.off-heap.size": "128m",
    "taskmanager.memory.task.heap.size": "256m",
    "taskmanager.memory.task.off-heap.size": "0m",
    "taskmanager.memory.managed.size": "128m",
    "taskmanager.memory.network.min": "64m",
    "taskmanager.memory.network.max": "64m",
    "taskmanager.memory.jvm-metaspace.size": "256m",
    "taskmanager.memory.jvm-overhead.min": "192m",
    "taskmanager.memory.jvm-overhead.max": "192m",
}


def flink_folder() -> Path:
    """Return the folder of PyFlink, which holds Flink's own archives.

    Raises:
        MissingExtra: it is not installed.
    """
    found = importlib.util.find_spec("pyflink")
    if found is None or not found.submodule_search_locations:
        raise MissingExtra("SF541: Flink needs apache-flink, which is not installed; run: pip install 'stateflow[flink]'")
    return Path(found.submodule_search_locations[0])


class FlinkCluster:
    """A session cluster. Jobs are submitted to `address`; `rest` asks it.

    Args:
        folder: where settings, logs, checkpoints and savepoints are kept.
        task_managers: how many to start, each with `slots`.
        slots: how many parallel parts of jobs one TaskManager runs.
        is_available: keep what the JobManager knows in a ZooKeeper, so that one that is started again goes on with the jobs.
        settings: further settings of Flink, such as `state.backend.type`.
        python_path: folders from which the workers import the user's modules.
        on_fetched: called with the name of each archive that has to be fetched first.
    """

    def __init__(
        self,
        folder: Path,
        task_managers: int = 1,
        slots: int = 2,
        is_available: bool = False,
        settings: Mapping[str, str] | None = None,
        python_path: Sequence[str | Path] = (),
        on_fetched: Callable[[str], None] | None = None,
    ) -> None:
        self.folder = folder.resolve()
        self._flink = flink_folder()
        self._java = find_java()
        self._connectors = fetch_jars("flink", on_fetched)
        self._rpc_port, self.port = free_ports(2)
        self._task_manager_count = task_managers
        self._slots = slots
        self._zookeeper_port = free_ports(1)[0] if is_available else None
        self._zookeeper: JavaProcess | None = None
        self._settings = dict(settings or {})
        self._python_path = [str(path) for path in python_path]
        self._numbers = itertools.count(1)
        self._job_manager: JavaProcess | None = None
        self.task_managers: list[JavaProcess] = []

    @property
    def address(self) -> str:
        """Host and port of the JobManager's REST interface, for `submit`."""
        return f"{_HOST}:{self.port}"

    @property
    def pids(self) -> list[int]:
        """The process ids, in the order in which they are to be stopped."""
        return [process.pid for process in (*self.task_managers, self._job_manager, self._zookeeper) if process is not None]

    def start(self) -> None:
        """Start all processes, and wait until every slot is there.

        Raises:
            StartFailed: a process ended, or was not ready in time.
        """
        self._configure()
        try:
            self._start_zookeeper()
            self.start_job_manager()
            for _ in range(self._task_manager_count):
                self.start_task_manager()
            self.wait_slots(self._task_manager_count * self._slots)
        except BaseException:
            self.stop()
            raise

    def _start_zookeeper(self) -> None:
        if self._zookeeper_port is None:
            return
        settings = self.folder / "conf" / "zoo.cfg"
        lines = {"dataDir": self.folder / "zookeeper", "clientPort": self._zookeeper_port, "clientPortAddress": _HOST, "tickTime": 500}
        settings.write_text("".join(f"{name}={value}\n" for name, value in {**lines, "admin.enableServer": "false"}.items()))
        command = self._command("zookeeper", ["-Xmx64m"], _ZOOKEEPER, {}, str(settings))
        self._zookeeper = JavaProcess("ZooKeeper", command, self.folder / "zookeeper.log")
        port = self._zookeeper_port
        self._zookeeper.wait_ready(lambda: takes_connections(port), START_DEADLINE_S)

    def start_job_manager(self) -> None:
        """Start the JobManager, and wait until it answers."""
        command = self._command("jobmanager", ["-Xmx384m", "-XX:MaxMetaspaceSize=256m"], _JOB_MANAGER, {})
        process = JavaProcess("the JobManager", command, self.folder / "jobmanager.log", self._environment())
        process.wait_ready(self._answers, START_DEADLINE_S)
        self._job_manager = process

    def start_task_manager(self) -> JavaProcess:
        """Start one more TaskManager; `wait_slots` waits until it has registered."""
        name = f"taskmanager-{next(self._numbers)}"
        identity = {"taskmanager.resource-id": name, **_TASK_MANAGER_MEMORY}
        command = self._command(name, ["-Xmx384m", "-XX:MaxMetaspaceSize=256m"], _TASK_MANAGER, identity)
        process = JavaProcess(name, command, self.folder / f"{name}.log", self._environment())
        self.task_managers.append(process)
        return process

    def wait_slots(self, count: int) -> None:
        """Wait until the cluster has this many slots.

        Raises:
            StartFailed: it has not in time.
        """
        if not wait_until(lambda: self._slot_count() >= count, START_DEADLINE_S):
            self.task_managers[-1].refuse(f"{count} slots were not there within {START_DEADLINE_S:.0f} s")

    def busy_task_manager(self) -> JavaProcess:
        """Return a TaskManager that runs a part of a job."""
        for job in self.rest("/jobs")["jobs"]:
            if job["status"] != "RUNNING":
                continue
            for vertex in self.rest(f"/jobs/{job['id']}")["vertices"]:
                for part in self.rest(f"/jobs/{job['id']}/vertices/{vertex['id']}")["subtasks"]:
                    return next(each for each in self.task_managers if each.title == part["taskmanager-id"])
        raise LookupError("no job runs")

    def kill_job_manager(self) -> None:
        """End the JobManager as a crash would."""
        if self._job_manager is not None:
            self._job_manager.kill()

    def stop(self) -> None:
        """End all processes."""
        for process in (*self.task_managers, self._job_manager, self._zookeeper):
            if process is not None:
                process.stop()
        self.task_managers, self._job_manager, self._zookeeper = [], None, None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def rest(self, path: str, method: str = "GET", body: object = None) -> Any:
        """Ask the JobManager's REST interface; return its JSON.

        Raises:
            JobManagerUnreachable: it does not answer.
            JobRefused: it refuses.
        """
        return ask(self.address, path, method, body)

    def _answers(self) -> bool:
        try:
            self.rest("/overview")
        except (JobManagerUnreachable, JobRefused):
            return False
        return True

    def _slot_count(self) -> int:
        try:
            return int(self.rest("/overview")["slots-total"])
        except (JobManagerUnreachable, JobRefused):
            return 0

    def _environment(self) -> dict[str, str]:
        # A replay must see sets in the order of the first run.
        return {"FLINK_CONF_DIR": str(self.folder / "conf"), "PYTHONHASHSEED": "0"}

    def _command(self, name: str, memory: Sequence[str], main: str, settings: Mapping[str, str], argument: str | None = None) -> list[str]:
        logging = self.folder / "conf" / "log4j.properties"
        classes = [f"{self._flink}/lib/*", *map(str, sorted((self._flink / "opt").glob("flink-python-*.jar"))), f"{self._connectors}/*"]
        jvm = [*_JVM, *memory, f"-Dlog4j.configurationFile={logging}", f"-Dlog.name={name}", *self._java_options()]
        options = [option for pair in settings.items() for option in ("-D", "=".join(pair))]
        arguments = ["--configDir", str(self.folder / "conf"), *options] if argument is None else [argument]
        return [self._java, *jvm, "-cp", ":".join(classes), main, *arguments]

    def _java_options(self) -> list[str]:
        shipped = (self._flink / "conf" / "config.yaml").read_text()
        line = next(line for line in shipped.splitlines() if line.strip().startswith("all:"))
        return line.split("all:", 1)[1].split()

    def _configure(self) -> None:
        conf = self.folder / "conf"
        shutil.rmtree(conf, ignore_errors=True)
        conf.mkdir(parents=True)
        (conf / "config.yaml").write_text("".join(f"{name}: {value}\n" for name, value in self._configuration().items()))
        (conf / "log4j.properties").write_text(_LOGGING)

    def _configuration(self) -> dict[str, str]:
        packages = sysconfig.get_paths()["purelib"]
        return {
            "jobmanager.rpc.address": _HOST,
            "jobmanager.rpc.port": str(self._rpc_port),
            "jobmanager.bind-host": _HOST,
            "rest.address": _HOST,
            "rest.bind-address": _HOST,
            "rest.port": str(self.port),
            "taskmanager.host": _HOST,
            "taskmanager.bind-host": _HOST,
            "taskmanager.numberOfTaskSlots": str(self._slots),
            "taskmanager.load-balance.mode": "TASKS",
            "execution.checkpointing.dir": (self.folder / "checkpoints").as_uri(),
            "execution.checkpointing.savepoint-dir": (self.folder / "savepoints").as_uri(),
            "python.executable": sys.executable,
            "python.client.executable": sys.executable,
            "python.pythonpath": ":".join([*self._python_path, packages]),
            # A TaskManager that is gone is known to be gone at the first refused call; a busy one is not taken for dead.
            "heartbeat.interval": "300",
            "heartbeat.timeout": "15000",
            "heartbeat.rpc-failure-threshold": "1",
            "cluster.registration.initial-timeout": "50 ms",
            "cluster.registration.error-delay": "200 ms",
            "cluster.registration.refused-registration-delay": "200 ms",
            # A job that has nowhere to run waits. To fail for want of slots is a failed start, of which so many end a job.
            "resourcemanager.standalone.start-up-time": str(_WAIT_FOR_SLOTS_MS),
            "slot.request.timeout": f"{_WAIT_FOR_SLOTS_MS} ms",
            "io.tmp.dirs": str(self.folder / "temporary"),
            **self._availability(),
            **self._settings,
        }

    def _availability(self) -> dict[str, str]:
        if self._zookeeper_port is None:
            return {}
        return {
            "high-availability.type": "zookeeper",
            "high-availability.zookeeper.quorum": f"{_HOST}:{self._zookeeper_port}",
            "high-availability.storageDir": (self.folder / "available").as_uri(),
            "high-availability.zookeeper.client.session-timeout": "2 s",
            "high-availability.zookeeper.client.connection-timeout": "5 s",
        }


# At each checkpoint Flink's committers register a metric again, and warn of it, in six lines.
_LOGGING = """\
rootLogger.level = INFO
rootLogger.appenderRef.console.ref = Console
appender.console.name = Console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss,SSS} %-5p %c{1} - %m%n
logger.names.name = org.apache.flink.metrics.MetricGroup
logger.names.level = ERROR
"""
