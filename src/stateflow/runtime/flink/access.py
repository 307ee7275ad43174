"""Whether the job's own connection to Kafka would be let in, and may do what the job does; asked before the job begins.

A job that may not write replies would run, fail at its first reply, and begin again, as often as `restarts` allows. Flink's Java client is
asked, with the settings that the job gets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from stateflow.client.kafka.refusals import GRANT
from stateflow.client.kafka.topics import group_of
from stateflow.errors import AccessRefused, BrokerUnreachable, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stateflow.client.kafka.topics import Topics
    from stateflow.errors import StateflowError
    from stateflow.options import KafkaOptions

__all__ = ["check_access"]

_FIX: Final = "the job connects with FlinkOptions(kafka_settings=...), or, without them, with the settings of KafkaOptions"


def check_access(options: KafkaOptions, topics: Topics, settings: Mapping[str, str]) -> None:
    """Refuse to begin a job that Kafka would not let in, or that lacks a right.

    Args:
        options: where the brokers are, and how long they have.
        topics: of the application.
        settings: of the job's Kafka client, in Java's words.

    Raises:
        AccessRefused: the brokers refuse the job's user, or it lacks a right; or the brokers' certificate is refused.
        BrokerUnreachable: no broker answers a client with these settings.
        ConfigurationError: Java's client does not take the settings.
    """
    from py4j.protocol import Py4JJavaError

    needed = {topics.log: ("READ", "WRITE"), topics.replies: ("WRITE",), topics.dead_letters: ("WRITE",)}
    try:
        admin = _open(options, settings)
        try:
            missing = [*_missing_on_topics(admin, needed), *_missing_on_group(admin, group_of(options))]
        finally:
            admin.close()
    except Py4JJavaError as error:
        raise _refusal(options, settings, list(_causes(error.java_exception))) from None
    if missing:
        raise AccessRefused(options.brokers, f"the job's user lacks {', '.join(missing)}", GRANT)


def _open(options: KafkaOptions, settings: Mapping[str, str]) -> Any:
    from pyflink.java_gateway import get_gateway

    jvm = get_gateway().jvm
    timeout_ms = str(int(options.connect_timeout_s * 1000))
    timeouts = {"request.timeout.ms": timeout_ms, "default.api.timeout.ms": timeout_ms}
    properties = jvm.java.util.Properties()
    for name, value in {"bootstrap.servers": options.brokers, **settings, **timeouts}.items():
        properties.setProperty(name, value)
    return jvm.org.apache.flink.kafka.shaded.org.apache.kafka.clients.admin.AdminClient.create(properties)


def _options(name: str) -> Any:
    from pyflink.java_gateway import get_gateway

    kinds = get_gateway().jvm.org.apache.flink.kafka.shaded.org.apache.kafka.clients.admin
    made = {"topics": kinds.DescribeTopicsOptions, "groups": kinds.DescribeConsumerGroupsOptions}[name]()
    return made.includeAuthorizedOperations(True)


def _missing_on_topics(admin: Any, needed: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    described = admin.describeTopics(_list(needed), _options("topics")).topicNameValues()
    for name, operations in needed.items():
        found = _allowed(described.get(name), denied="TopicAuthorizationException")
        yield from (f"{operation} on topic {name}" for operation in operations if found is not None and operation not in found)


def _missing_on_group(admin: Any, group: str) -> Iterator[str]:
    described = admin.describeConsumerGroups(_list([group]), _options("groups")).describedGroups()
    # Of a group that nothing was noted for yet, it is known only that it may be seen.
    found = _allowed(described.get(group), denied="GroupAuthorizationException", unknown="GroupIdNotFoundException")
    if found is not None and "READ" not in found:
        yield f"READ on group {group}"


def _allowed(described: Any, denied: str, unknown: str = "") -> set[str] | None:
    """Return the operations that are allowed; None when the broker does not say, as older ones do."""
    from py4j.protocol import Py4JJavaError

    try:
        found = described.get().authorizedOperations()
    except Py4JJavaError as error:
        kind = list(_causes(error.java_exception))[-1].getClass().getSimpleName()
        if kind == denied:
            return set()
        if kind == unknown:
            return None
        raise
    return None if found is None else {operation.name() for operation in found.toArray()}


def _list(names: Any) -> Any:
    from pyflink.java_gateway import get_gateway

    made = get_gateway().jvm.java.util.ArrayList()
    for name in names:
        made.add(name)
    return made


def _causes(exception: Any) -> Iterator[Any]:
    while exception is not None:
        yield exception
        exception = exception.getCause()


def _refusal(options: KafkaOptions, settings: Mapping[str, str], causes: list[Any]) -> StateflowError:
    kinds = [cause.getClass().getSimpleName() for cause in causes]
    said = f"the job's connection: {causes[-1].getMessage()}"
    if any("Authentication" in kind or "Authorization" in kind for kind in kinds):
        return AccessRefused(options.brokers, said, _FIX)
    if any("Timeout" in kind for kind in kinds):
        return BrokerUnreachable(options.brokers, options.connect_timeout_s, said, settings.get("security.protocol", "PLAINTEXT"))
    reason = f"{kinds[-1]}: {causes[-1].getMessage()}"
    return ConfigurationError(f"SF540: Java's Kafka client does not take the job's settings: {reason}; {_FIX}")
