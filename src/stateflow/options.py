"""Options of runtimes and clients, with their defaults and reasons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from stateflow import limits
from stateflow.errors import ConfigurationError
from stateflow.process_memory import cache_share_bytes

__all__ = ["FlinkOptions", "KafkaOptions", "LocalOptions", "overridden"]


class LocalOptions(Struct, frozen=True, kw_only=True):
    """Options of the embedded engine. The reasons of the defaults are in `stateflow.limits`.

    Attributes:
        queue_limit: requests that may wait for the engine; a client that submits more waits for room.
        refuses_when_full: refuse what is submitted beyond `queue_limit`, with `QueueFull`, rather than let the client wait. For
            programs on an event loop, which waiting would stop, and for those that would rather say no than answer late.
        close_timeout_s: how long `close` waits for the request that is running. A method that never ends must not keep the
            program from ending.
        commit_requests: requests that share one commit, at most.
        cache_bytes: what the entities in memory may take together, estimated; 0 keeps none from one commit to the next. By default
            an eighth of the memory that the process may use, and at least 256 MB.
        transaction_operations: operations on entities and calls of resumable methods in one transaction, at most; one that takes more is
            undone. It keeps a loop that never ends from stopping the engine.
        ledger_requests: past requests whose replies are kept, at most. At least three quarters of the bound are always kept.
        ledger_bytes: what these replies may take together, at most.
        ledger_s: how long a reply is kept, at most.
        allow_newer: open a file that newer versions of the classes have written to, and take over their states as if these versions came
            after them. What the newer versions added is lost where these change an entity.
        allow_unknown: open a file that has entities of classes that the dataflow does not have, and leave them where they are.
    """

    queue_limit: int = limits.QUEUE_REQUESTS
    refuses_when_full: bool = False
    close_timeout_s: float = 5.0
    commit_requests: int = limits.COMMIT_REQUESTS
    cache_bytes: int = msgspec.field(default_factory=cache_share_bytes)
    transaction_operations: int = limits.TRANSACTION_OPERATIONS
    ledger_requests: int = limits.LEDGER_REQUESTS
    ledger_bytes: int = limits.LEDGER_BYTES
    ledger_s: float = limits.LEDGER_S
    allow_newer: bool = False
    allow_unknown: bool = False

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                wanted = "cannot be negative" if least == 0 else f"must be at least {least}"
                raise ConfigurationError(f"SF540: {name} is {getattr(self, name)}; it {wanted}")



class KafkaOptions(Struct, frozen=True, kw_only=True):
    """Where and how an application uses Kafka. Its clients and its engine are given the same.

    Attributes:
        brokers: where the brokers are, `host:port`, several with commas.
        application: begins the names of the topics. Applications with different names share a cluster without meeting.
        partitions: of the log, so places, when it has to be made. Their number cannot be changed later.
        reply_partitions: of the replies, when they have to be made. Clients share them; each reads one.
        replication: copies of each topic, on different brokers: what is made has so many, what is there must not have fewer. A record is
            acknowledged when all but one have it (`min.insync.replicas`): with 3, the loss of a broker neither loses nor stops anything.
        connect_timeout_s: how long brokers have to answer when a client or an engine starts.
        delivery_timeout_s: how long brokers have to take a request.
        reply_timeout_s: how long a request may be without a reply; then its future raises `OutcomeUnknown`.
        close_timeout_s: how long `close` waits for what was sent last.
        outstanding_requests: requests of one client that may be without a reply. A thread that sends more waits for room; what an event
            loop sends then is held, and sent when there is room.
        settings: settings of librdkafka for every connection, such as `security.protocol`.
    """

    brokers: str = "localhost:9092"
    application: str = "stateflow"
    partitions: int = 4
    reply_partitions: int = 8
    replication: int = 1
    connect_timeout_s: float = 10.0
    delivery_timeout_s: float = 30.0
    reply_timeout_s: float = 60.0
    close_timeout_s: float = 5.0
    outstanding_requests: int = limits.OUTSTANDING_REQUESTS
    settings: Mapping[str, str] = {}

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", self.application):
            raise ConfigurationError(f"SF540: application is {self.application!r}; it must be 1 to 100 letters, digits, - and _")
        for name in ("partitions", "reply_partitions", "replication", "outstanding_requests"):
            if getattr(self, name) < 1:
                raise ConfigurationError(f"SF540: {name} is {getattr(self, name)}; it must be at least 1")
        for name in ("connect_timeout_s", "delivery_timeout_s", "reply_timeout_s", "close_timeout_s"):
            if getattr(self, name) <= 0:
                raise ConfigurationError(f"SF540: {name} is {getattr(self, name)}; it must be more than 0")

    def __repr__(self) -> str:
        return _without_secrets(self)


class FlinkOptions(Struct, frozen=True, kw_only=True):
    """Options of the Flink engine.

    Attributes:
        kafka: where the log and the replies are.
        parallelism: in how many parallel parts the places run. It may be changed with a savepoint.
        checkpoint_interval_ms: how often the state is saved. After a crash the log since then is read again.
        cache_bytes: what the entities of one place may take in a worker's memory, estimated.
        python_path: folders from which workers import modules, beside those of the classes.
        restarts: how often a job that does not run for a minute in between is started again before it counts as failed. A failed job keeps
            its last checkpoint, from which it can be resumed.
        start_timeout_s: how long a job that is submitted has to start in all its workers.
        kafka_settings: settings of Java's Kafka client, for the job's own connection; made from those of `kafka` when none are given.
        settings: settings of Flink, such as `state.backend.type` (`rocksdb` by default); they go before those that StateFlow makes.
    """

    kafka: KafkaOptions = KafkaOptions()
    parallelism: int = 1
    checkpoint_interval_ms: int = 1000
    cache_bytes: int = limits.CACHE_BYTES
    python_path: tuple[str, ...] = ()
    restarts: int = limits.JOB_RESTARTS
    start_timeout_s: float = 120.0
    kafka_settings: Mapping[str, str] = {}
    settings: Mapping[str, str] = {}

    def __post_init__(self) -> None:
        for name in ("parallelism", "checkpoint_interval_ms", "restarts"):
            if getattr(self, name) < 1:
                raise ConfigurationError(f"SF540: {name} is {getattr(self, name)}; it must be at least 1")
        if self.start_timeout_s <= 0:
            raise ConfigurationError(f"SF540: start_timeout_s is {self.start_timeout_s}; it must be more than 0")

    def __repr__(self) -> str:
        return _without_secrets(self)


_Options = TypeVar("_Options", KafkaOptions, FlinkOptions)


def overridden(options: _Options, settings: Mapping[str, str] | None, **given: Any) -> _Options:
    """Return options with what was given beside them: what is None was not given, and settings come on top of those that are there."""
    changes = {name: value for name, value in given.items() if value is not None}
    if settings is not None:
        changes["settings"] = {**options.settings, **settings}
    return msgspec.structs.replace(options, **changes)


def _without_secrets(options: KafkaOptions | FlinkOptions) -> str:
    """Return how options are printed: with the names of all settings, and the values of those that cannot be secret."""
    fields = {name: getattr(options, name) for name in options.__struct_fields__}
    shown = {
        name: {key: text if key in _OPEN else "(hidden)" for key, text in value.items()} if isinstance(value, Mapping) else value
        for name, value in fields.items()
    }
    return f"{type(options).__name__}({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


# Whatever is not known to be harmless may have a password in it, as `sasl.jaas.config` has.
_OPEN = frozenset(
    {"security.protocol", "sasl.mechanism", "sasl.mechanisms", "sasl.username", "ssl.ca.location", "ssl.keystore.location", "log_level"}
)
_LEAST = {
    "queue_limit": 1,
    "close_timeout_s": 0,
    "commit_requests": 1,
    "cache_bytes": 0,
    "transaction_operations": 1,
    "ledger_requests": 4,
    "ledger_bytes": 4,
    "ledger_s": 0,
}
