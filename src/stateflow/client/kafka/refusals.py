"""Why brokers do not answer, or refuse: what librdkafka says of its connections, as errors that say what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from confluent_kafka import KafkaError

from stateflow.errors import AccessRefused, BrokerUnreachable, ConfigurationError

if TYPE_CHECKING:
    from stateflow.errors import StateflowError
    from stateflow.options import KafkaOptions

__all__ = ["GRANT", "Problems", "is_denied", "refusal", "refused_settings"]

GRANT: Final = "give the user this right by kafka-acls.sh; docs/how-to/run-on-a-cluster.md has the commands"
_LOGIN: Final = "are sasl.mechanism, sasl.username and sasl.password those of a user of these brokers?"
_CERTIFICATE: Final = (
    "does ssl.ca.location have the authority of the brokers' certificate, does that name the host that is in the address, and do the "
    "brokers want a certificate of the client (ssl.keystore.location)?"
)
_DENIED: Final = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    }
)
_WHEN: Final = re.compile(r" \(after \d+ms in state [^)]*\)")
# A client without a certificate is told by TLS, after what it takes for the end of the handshake.
_ALERT: Final = re.compile(r"tls alert|certificate verify failed")


class Problems:
    """What happened to the connections of one client, the last of each kind."""

    def __init__(self) -> None:
        self._last: dict[int, str] = {}

    def note(self, error: KafkaError) -> None:
        """Keep what librdkafka tells of a connection."""
        text = _WHEN.sub("", error.str())
        known = KafkaError._SSL if error.code() == KafkaError._TRANSPORT and _ALERT.search(text) else error.code()
        self._last[known] = text

    def of(self, code: int) -> str:
        """Return the last one of a kind; nothing when there was none."""
        return self._last.get(code, "")


def is_denied(error: KafkaError) -> bool:
    """Tell whether an error says that the user may not do this."""
    return error.code() in _DENIED


def refusal(options: KafkaOptions, error: KafkaError, problems: Problems | None = None) -> StateflowError:
    """Return the error that says why something was not done.

    Args:
        options: where the brokers are.
        error: what librdkafka said in the end.
        problems: what happened to its connections before.
    """
    known = problems or Problems()
    if is_denied(error):
        return AccessRefused(options.brokers, error.str(), GRANT)
    if known.of(error.code()) == "":
        known.note(error)
    if reason := known.of(KafkaError._AUTHENTICATION):
        return AccessRefused(options.brokers, reason, _LOGIN)
    if reason := known.of(KafkaError._SSL):
        return AccessRefused(options.brokers, reason, _CERTIFICATE)
    protocol = options.settings.get("security.protocol", "PLAINTEXT")
    reason = known.of(KafkaError._RESOLVE) or known.of(KafkaError._TRANSPORT) or error.str()
    return BrokerUnreachable(options.brokers, options.connect_timeout_s, reason, protocol)


def refused_settings(options: KafkaOptions, reason: str) -> ConfigurationError:
    """Return the error that says which setting librdkafka does not take, without what it is set to: that may be a password."""
    for value in filter(None, options.settings.values()):
        reason = reason.replace(f'"{value}"', "(its value)")
    return ConfigurationError(f"SF540: the settings of KafkaOptions cannot be used: {reason}")
