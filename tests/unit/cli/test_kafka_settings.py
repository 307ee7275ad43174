"""Settings for Kafka out of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stateflow.cli.kafka_settings import read_settings
from stateflow.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path


def test_each_line_is_a_setting_whose_value_may_have_any_sign(tmp_path: Path) -> None:
    file = tmp_path / "kafka.properties"
    file.write_text("# for the brokers\n\nsecurity.protocol = SASL_SSL\nsasl.password=a=b#c\n")
    assert read_settings(file) == {"security.protocol": "SASL_SSL", "sasl.password": "a=b#c"}
    assert read_settings(None) == {}


def test_line_that_is_no_setting_is_named_by_its_number_and_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "kafka.properties"
    file.write_text("sasl.username=ann\nhush\n")
    with pytest.raises(ConfigurationError, match=r"SF540: line 2 of .*kafka\.properties is no setting") as raised:
        read_settings(file)
    assert "hush" not in str(raised.value)


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.properties cannot be read: No such file"):
        read_settings(tmp_path / "none.properties")
