"""Settings of librdkafka, which clients use, in the words of Java's client, which Flink uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stateflow.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["java_settings"]

_SAME: Final = (
    "security.protocol",
    "ssl.endpoint.identification.algorithm",
    "ssl.key.password",
    "ssl.keystore.location",
    "ssl.keystore.password",
)
_MODULES: Final = {
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
    "SCRAM-SHA-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
}


def java_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of Java's client that say the same about security.

    Args:
        settings: of librdkafka: protocol, certificates, and user and password of PLAIN and SCRAM. Others concern clients only.

    Raises:
        ConfigurationError: a way to log in that has to be described to Java's client in its own words.
    """
    found = {name: str(settings[name]) for name in _SAME if name in settings}
    if "ssl.keystore.location" in found:
        found["ssl.keystore.type"] = "PKCS12"
    if "ssl.ca.location" in settings:
        found.update({"ssl.truststore.type": "PEM", "ssl.truststore.location": settings["ssl.ca.location"]})
    return {**found, **_login(settings)}


def _login(settings: Mapping[str, str]) -> dict[str, str]:
    mechanism = settings.get("sasl.mechanisms") or settings.get("sasl.mechanism")
    if mechanism is None:
        return {}
    if mechanism not in _MODULES:
        raise ConfigurationError(
            f"SF540: sasl.mechanism {mechanism} cannot be given to Flink in the words of librdkafka; put what Java's client needs into "
            "FlinkOptions(kafka_settings=...), and the clients' settings into KafkaOptions of their own"
        )
    user, password = (_quoted(settings.get(name, "")) for name in ("sasl.username", "sasl.password"))
    return {"sasl.mechanism": mechanism, "sasl.jaas.config": f"{_MODULES[mechanism]} required username={user} password={password};"}


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
