"""Errors of what lies in Kafka."""

from __future__ import annotations

from stateflow.errors.root import StateflowError

__all__ = ["AccessRefused", "BrokerUnreachable", "ClassesDiffer", "TopicRefused"]


class BrokerUnreachable(StateflowError, ConnectionError):
    """No Kafka broker answers."""

    code = "SF610"

    def __init__(self, brokers: str, timeout_s: float, reason: str, protocol: str = "PLAINTEXT") -> None:
        super().__init__(
            f"{self.code}: no Kafka broker answered at {brokers} within {timeout_s:g} s ({reason}); is the address right, does it run, and "
            f"does it speak {protocol} there? `stateflow dev kafka` starts one on this machine"
        )
        self.brokers = brokers
        self.timeout_s = timeout_s


class AccessRefused(StateflowError, PermissionError):
    """Kafka does not let this connection in, or does not let its user do what it needs."""

    code = "SF613"

    def __init__(self, brokers: str, reason: str, fix: str) -> None:
        super().__init__(f"{self.code}: Kafka at {brokers} refuses access: {reason}; {fix}")
        self.brokers = brokers
        self.reason = reason
        self.fix = fix


class TopicRefused(StateflowError):
    """A Kafka topic has settings that would break what StateFlow promises, or it cannot be made."""

    code = "SF611"

    def __init__(self, topic: str, reason: str) -> None:
        super().__init__(f"{self.code}: topic {topic}: {reason}; change the topic, or name another application in the options")
        self.topic = topic
        self.reason = reason


class ClassesDiffer(StateflowError):
    """A client could call what the job does not have, or has with other parameters."""

    code = "SF612"

    def __init__(self, application: str, differences: tuple[str, ...]) -> None:
        super().__init__(
            f"{self.code}: the classes of this client are not those of the job of {application}: {'; '.join(differences)}. Run "
            "`stateflow flink upgrade` with the client's classes, or the client with the job's"
        )
        self.application = application
        self.differences = differences
