"""Settings of librdkafka, which clients use, in the words of Java's client, which Flink uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stateflow.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["java_settings"]

_SAME: Final = ("ssl.keystore.location", "ssl.keystore.password")
_LOGINS: Final = ("sasl.mechanism", "sasl.mechanisms", "sasl.username", "sasl.password")
_TRANSLATED: Final = frozenset({*_SAME, *_LOGINS, "security.protocol", "ssl.ca.location", "ssl.endpoint.identification.algorithm"})
# The connector has Kafka's classes under names of its own, and Java finds a login module by its name only.
_SHADED: Final = "org.apache.flink.kafka.shaded.org.apache.kafka.common.security"
_MODULES: Final = {
    "PLAIN": f"{_SHADED}.plain.PlainLoginModule",
    "SCRAM-SHA-256": f"{_SHADED}.scram.ScramLoginModule",
    "SCRAM-SHA-512": f"{_SHADED}.scram.ScramLoginModule",
}


def java_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of Java's client that say the same about security.

    Args:
        settings: of librdkafka: protocol, certificates, and user and password of PLAIN and SCRAM. Those that are not about security
            concern clients only.

    Raises:
        ConfigurationError: something about security that has to be described to Java's client in its own words.
    """
    for name in settings:
        if name not in _TRANSLATED and name.startswith(("ssl.", "sasl.", "enable.ssl.", "https.")):
            raise _untranslated(name)
    found = {name: str(settings[name]) for name in _SAME if name in settings}
    if "security.protocol" in settings:
        found["security.protocol"] = settings["security.protocol"].upper()
    if (name := "ssl.endpoint.identification.algorithm") in settings:
        # Java says nothing where librdkafka says none.
        found[name] = "" if settings[name] == "none" else settings[name]
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
        raise _untranslated(f"sasl.mechanism {mechanism}")
    user, password = (_quoted(settings.get(name, "")) for name in ("sasl.username", "sasl.password"))
    return {"sasl.mechanism": mechanism, "sasl.jaas.config": f"{_MODULES[mechanism]} required username={user} password={password};"}


def _untranslated(what: str) -> ConfigurationError:
    return ConfigurationError(
        f"SF540: {what} cannot be given to Flink in the words of librdkafka; put what Java's client needs into "
        "FlinkOptions(kafka_settings=...). A client's certificate goes into a PKCS12 file, ssl.keystore.location, which both read"
    )


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
