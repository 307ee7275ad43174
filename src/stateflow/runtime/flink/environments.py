"""Where jobs of Flink run: in a cluster inside this process, or in one that is reached by its JobManager."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stateflow.development.jars import find_java
from stateflow.errors import ConfigurationError
from stateflow.runtime.flink.keys import HASH_SEED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyflink.common import Configuration
    from pyflink.datastream import StreamExecutionEnvironment

__all__ = ["local_environment", "remote_environment"]


def local_environment(settings: Mapping[str, str]) -> StreamExecutionEnvironment:
    """Return a cluster inside this process.

    Raises:
        ToolMissing: there is no Java.
    """
    find_java()
    from pyflink.datastream import StreamExecutionEnvironment

    # Flink starts in a process of its own, whose interpreters take this over.
    os.environ["PYTHONHASHSEED"] = HASH_SEED
    return StreamExecutionEnvironment.get_execution_environment(_configuration(settings))


def remote_environment(jobmanager: str, settings: Mapping[str, str]) -> StreamExecutionEnvironment:
    """Return a cluster that runs already.

    Args:
        jobmanager: `host:port` of the JobManager's REST interface.
        settings: settings of Flink for the job.

    Raises:
        ConfigurationError: this is no `host:port`.
        ToolMissing: there is no Java, which prepares jobs.
    """
    find_java()
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
