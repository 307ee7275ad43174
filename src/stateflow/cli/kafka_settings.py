"""Settings of the connection to Kafka out of a file: a password on the command line would be in the list of processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_settings"]


def read_settings(file: Path | None) -> dict[str, str]:
    """Return the settings in a file: one a line, name=value, empty lines and those that begin with # left out; none without a file.

    Raises:
        ConfigurationError: it cannot be read, or a line is no setting. The line itself is not shown, as it may be a password.
    """
    if file is None:
        return {}
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"SF540: the file of Kafka settings {file} cannot be read: {getattr(error, 'strerror', None) or error}"
        ) from None
    return dict(_setting(file, number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("#"))


def _setting(file: Path, number: int, line: str) -> tuple[str, str]:
    name, sign, value = line.partition("=")
    if not sign or not name.strip():
        raise ConfigurationError(f"SF540: line {number} of {file} is no setting; write name=value, such as security.protocol=SASL_SSL")
    return name.strip(), value.strip()
