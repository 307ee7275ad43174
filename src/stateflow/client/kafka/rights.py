"""What each needs of the topics of an application, where brokers ask who may do what."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AclOperation

from stateflow.client.kafka.refusals import GRANT, refusal
from stateflow.errors import AccessRefused

if TYPE_CHECKING:
    from collections.abc import Collection

    from confluent_kafka.admin import AdminClient

    from stateflow.options import KafkaOptions

__all__ = ["NEEDS", "Role", "check_rights"]

_READ, _WRITE, _LOOK = AclOperation.READ, AclOperation.WRITE, AclOperation.DESCRIBE_CONFIGS


class Role(Enum):
    """Who uses the topics."""

    CLIENT = auto()
    SUBMITTER = auto()
    STOPPER = auto()
    READER_OF_DEAD_LETTERS = auto()


NEEDS: Final[Mapping[Role, Mapping[str, tuple[AclOperation, ...]]]] = {
    Role.CLIENT: {"log": (_WRITE, _LOOK), "replies": (_READ, _LOOK), "classes": (_READ, _LOOK)},
    Role.SUBMITTER: {"log": (_READ, _LOOK), "replies": (_LOOK,), "dead": (_LOOK,), "classes": (_WRITE, _LOOK)},
    Role.STOPPER: {"log": (_READ, _LOOK)},
    Role.READER_OF_DEAD_LETTERS: {"dead": (_READ, _LOOK)},
}
"""The operations on each topic, by the end of its name. To read or to write includes to see (Describe)."""


def check_rights(admin: AdminClient, options: KafkaOptions, role: Role) -> None:
    """Refuse to begin without a right that would be missed later only, when a request or a reply is lost for the lack of it.

    Raises:
        AccessRefused: the brokers do not give this user a right that its role needs.
    """
    names = {f"{options.application}.{end}": operations for end, operations in NEEDS[role].items()}
    asked = admin.describe_topics(
        TopicCollection(list(names)), include_authorized_operations=True, request_timeout=options.connect_timeout_s
    )
    missing = []
    for name, described in asked.items():
        try:
            found = described.result(options.connect_timeout_s).authorized_operations
        except KafkaException as error:
            raise refusal(options, error.args[0]) from None
        missing += _missing(name, names[name], found)
    if missing:
        raise AccessRefused(options.brokers, f"this user lacks {', '.join(missing)}", GRANT)


def _missing(name: str, needed: Collection[AclOperation], found: Collection[AclOperation] | None) -> list[str]:
    # Brokers that are too old to tell say nothing.
    return [] if found is None else [f"{operation.name} on topic {name}" for operation in needed if operation not in found]
