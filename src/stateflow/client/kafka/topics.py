"""The topics of an application: the log, which carries requests and what places say to each other, the replies, the dead letters,
and what the classes of the job have."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import ConfigResource, NewTopic, ResourceType
from msgspec import Struct

from stateflow.client.kafka.connections import open_admin, reading
from stateflow.client.kafka.offsets import offsets_of
from stateflow.client.kafka.refusals import GRANT, Problems, is_denied, refusal
from stateflow.client.kafka.rights import NEEDS, Role, check_rights
from stateflow.errors import AccessRefused, TopicRefused
from stateflow.limits import RECORD_BYTES
from stateflow.protocol.keys import partition_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from confluent_kafka.admin import AdminClient, TopicMetadata

    from stateflow.options import KafkaOptions

__all__ = [
    "Topics",
    "client_name",
    "group_of",
    "has_lost_its_beginning",
    "log_partitions",
    "log_ranges",
    "open_topics",
    "record_key",
    "reply_partition",
]

_DAY_MS: Final = 24 * 60 * 60 * 1000

# What the protocol relies on. The log's time is the broker's, so that it is the same when a record is read again, and old records stay long
# enough that an engine can go back to its last checkpoint.
_LOG_SETTINGS: Final = {
    "message.timestamp.type": "LogAppendTime",
    "cleanup.policy": "delete",
    "retention.ms": str(7 * _DAY_MS),
    "max.message.bytes": str(RECORD_BYTES),
}
_REPLY_SETTINGS: Final = {"cleanup.policy": "delete", "retention.ms": str(_DAY_MS // 24), "max.message.bytes": str(RECORD_BYTES)}
_DEAD_SETTINGS: Final = {"cleanup.policy": "delete", "retention.ms": str(7 * _DAY_MS)}
_CLASSES_SETTINGS: Final = {"cleanup.policy": "compact"}
_RETRY_S: Final = 0.05
_ACKNOWLEDGED: Final = "min.insync.replicas"
_UNCLEAN: Final = "unclean.leader.election.enable"
_EXACT: Final = ("message.timestamp.type", "cleanup.policy", _UNCLEAN)
_AT_LEAST: Final = ("retention.ms", "max.message.bytes", _ACKNOWLEDGED)


class Topics(Struct, frozen=True):
    """The topics of one application, as they are on the broker.

    Attributes:
        log: the name of the log.
        replies: the name of the topic of replies.
        dead_letters: the name of the topic of what places could not handle.
        classes: the name of the topic that says what the job's classes have.
        partitions: how many partitions, so places, the log has; 0 for who may not see it.
        reply_partitions: how many partitions the replies have, which clients share; 0 for who may not see them.
    """

    log: str
    replies: str
    dead_letters: str
    classes: str
    partitions: int
    reply_partitions: int


def client_name(partition: int, identity: str) -> str:
    """Return the name of a client whose replies come by a partition."""
    return f"client.{partition}.{identity}"


def reply_partition(client: str) -> int | None:
    """Return the partition of a client's replies; None when this is no client's name."""
    parts = client.split(".", 2)
    if len(parts) == 3 and parts[0] == "client" and parts[1].isascii() and parts[1].isdecimal():
        return int(parts[1])
    return None


def record_key(partition: int, partitions: int) -> bytes:
    """Return a record key that Kafka's own partitioner puts into a partition."""
    number = 0
    while partition_of(key := b"%d" % number, partitions) != partition:
        number += 1
    return key


def open_topics(options: KafkaOptions, role: Role = Role.SUBMITTER) -> Topics:
    """Make the topics that do not exist, check those that do, and return them.

    Args:
        options: where the brokers are, and the application's name.
        role: for what; what it does not need is neither made nor checked.

    Raises:
        BrokerUnreachable: no broker answers in time.
        AccessRefused: the brokers do not let this user in, or do not give it the rights of its role.
        TopicRefused: a topic has settings that would break what StateFlow promises, or may not be made.
    """
    problems = Problems()
    admin = open_admin(options, problems)
    names = {
        f"{options.application}.log": (options.partitions, _LOG_SETTINGS),
        f"{options.application}.replies": (options.reply_partitions, _REPLY_SETTINGS),
        f"{options.application}.dead": (1, _DEAD_SETTINGS),
        f"{options.application}.classes": (1, _CLASSES_SETTINGS),
    }
    wanted = {name: how for name, how in names.items() if name.rpartition(".")[2] in NEEDS[role]}
    known = _known_topics(admin, options, problems)
    missing = [name for name in wanted if name not in known]
    if missing:
        _create(admin, options, {name: wanted[name] for name in missing})
        known = _wait_known(admin, options, wanted, problems)
    check_rights(admin, options, role)
    _check_copies({name: known[name] for name in wanted}, options.replication)
    _check(admin, options, {name: settings for name, (_, settings) in wanted.items()})
    requests, answers, dead, classes = names
    counts = {name: len(topic.partitions) for name, topic in known.items()}
    return Topics(requests, answers, dead, classes, counts.get(requests, 0), counts.get(answers, 0))


def log_partitions(topics: Topics) -> list[TopicPartition]:
    """Return the partitions of the log."""
    return [TopicPartition(topics.log, number) for number in range(topics.partitions)]


def log_ranges(options: KafkaOptions, topics: Topics) -> dict[int, tuple[int, int]]:
    """Return, for each partition of the log, the offset of its first record, and the one after its last.

    Raises:
        BrokerUnreachable: no broker answers in time.
    """
    with reading(options) as consumer:
        return {place.partition: offsets_of(consumer, place, options) for place in log_partitions(topics)}


def has_lost_its_beginning(options: KafkaOptions, topics: Topics) -> bool:
    """Tell whether the broker has deleted old records of the log already.

    Raises:
        BrokerUnreachable: no broker answers in time.
    """
    return any(first > 0 for first, _ in log_ranges(options, topics).values())


def group_of(options: KafkaOptions) -> str:
    """Return the consumer group under which a job notes on the broker how far its checkpoints are."""
    return f"stateflow.{options.application}"


def _known_topics(admin: AdminClient, options: KafkaOptions, problems: Problems) -> dict[str, TopicMetadata]:
    try:
        topics = admin.list_topics(timeout=options.connect_timeout_s).topics
    except KafkaException as error:
        admin.poll(0)
        raise refusal(options, error.args[0], problems) from None
    return {name: topic for name, topic in topics.items() if topic.partitions}


def _wait_known(
    admin: AdminClient, options: KafkaOptions, wanted: Collection[str], problems: Problems
) -> dict[str, TopicMetadata]:
    """Return the topics once those that were just made are among them: a busy broker tells of them some time after it has made them."""
    end_s = time.monotonic() + options.connect_timeout_s
    while missing := [name for name in wanted if name not in (known := _known_topics(admin, options, problems))]:
        if time.monotonic() > end_s:
            raise TopicRefused(missing[0], f"it was made, and the broker did not know it within {options.connect_timeout_s:g} s")
        time.sleep(_RETRY_S)
    return known


def _create(admin: AdminClient, options: KafkaOptions, wanted: Mapping[str, tuple[int, Mapping[str, str]]]) -> None:
    new = [
        NewTopic(
            name,
            num_partitions=count,
            replication_factor=options.replication,
            config={**settings, _ACKNOWLEDGED: str(_acknowledged_by(options.replication))},
        )
        for name, (count, settings) in wanted.items()
    ]
    for name, made in admin.create_topics(new, operation_timeout=options.connect_timeout_s).items():
        try:
            made.result(options.connect_timeout_s)
        except KafkaException as error:
            if is_denied(error.args[0]):
                reason = f"topic {name} does not exist and may not be made by this user (Create), or may not be seen by it (Describe)"
                raise AccessRefused(options.brokers, reason, GRANT) from None
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise TopicRefused(name, f"it does not exist and cannot be made: {error.args[0].str()}") from None


def _acknowledged_by(replication: int) -> int:
    """Return how many copies of a record there have to be before it is acknowledged: so many that the loss of a broker loses none of it,
    and so few that the others go on without that broker."""
    return max(1, replication - 1)


def _check_copies(topics: Mapping[str, TopicMetadata], replication: int) -> None:
    for name, topic in topics.items():
        copies = min(len(partition.replicas) for partition in topic.partitions.values())
        if copies < replication:
            found = "1 copy" if copies == 1 else f"{copies} copies"
            raise TopicRefused(name, f"its partitions have {found}, and replication is {replication}")


def _check(admin: AdminClient, options: KafkaOptions, wanted: Mapping[str, Mapping[str, str]]) -> None:
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in wanted]
    for resource, described in admin.describe_configs(resources).items():
        try:
            found = {name: entry.value for name, entry in described.result(options.connect_timeout_s).items()}
        except KafkaException as error:
            raise TopicRefused(resource.name, f"its settings cannot be read: {error.args[0].str()}") from None
        settings = {**wanted[resource.name], _ACKNOWLEDGED: str(_acknowledged_by(options.replication)), _UNCLEAN: "false"}
        wrong = [text for name, value in settings.items() if (text := _difference(name, found.get(name), value))]
        if wrong:
            raise TopicRefused(resource.name, "; ".join(wrong))


def _difference(name: str, found: str | None, wanted: str) -> str:
    if name in _EXACT and found != wanted:
        return f"{name} is {found}, and has to be {wanted}"
    if name in _AT_LEAST and (found is None or 0 <= int(found) < int(wanted)):
        return f"{name} is {found}, and has to be at least {wanted}"
    return ""
