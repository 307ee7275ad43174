"""What a stack trace of Flink says, in a line that a user can act on."""

from __future__ import annotations

import pytest

from stateflow.runtime.flink.failures import is_lasting, reason_of

PYTHON = """\
org.apache.flink.runtime.JobException: Recovery is suppressed by NoRestartBackoffTimeStrategy
\tat org.apache.flink.runtime.executiongraph.failover.ExecutionFailureHandler.handleFailure(ExecutionFailureHandler.java:213)
Caused by: pemja.core.PythonException: <class 'stateflow.errors.root.ConfigurationError'>: SF540: this worker cannot import shop
\tat /srv/stateflow/runtime/flink/operator.open(operator.py:87)
\tat pemja.core.PythonInterpreter.invokeMethodNoArgs(Native Method)
"""
JAVA = """\
org.apache.flink.util.FlinkException: the first
\tat a.B.c(B.java:1)
Caused by: java.lang.RuntimeException: the second
\tat a.B.c(B.java:2)
\t... 3 more
Caused by: java.io.IOException: the disk is full
\tat a.B.c(B.java:3)
"""


def test_error_of_python_has_its_own_message_without_java() -> None:
    assert reason_of(PYTHON) == "SF540: this worker cannot import shop"
    assert is_lasting(PYTHON)


def test_error_of_the_users_code_keeps_its_class() -> None:
    assert reason_of("pemja.core.PythonException: <class 'ValueError'>: too many values\n\tat x(y.py:1)") == "ValueError: too many values"


def test_message_of_several_lines_stays_whole() -> None:
    text = "pemja.core.PythonException: <class 'stateflow.CompileError'>: shop.py:3: error SF203: no\n  why: it\n\tat x(y.py:1)"
    assert reason_of(text) == "shop.py:3: error SF203: no\n  why: it"


def test_error_of_java_has_the_innermost_cause() -> None:
    assert reason_of(JAVA) == "java.io.IOException: the disk is full"
    assert not is_lasting(JAVA)


def test_error_without_a_cause_has_its_first_line() -> None:
    assert reason_of("java.lang.IllegalStateException: no slot\n\tat a.B.c(B.java:1)") == "java.lang.IllegalStateException: no slot"
    assert reason_of("") == ""


def test_records_that_are_gone_stay_gone() -> None:
    assert is_lasting("a.B: c\nCaused by: org.apache.kafka.clients.consumer.OffsetOutOfRangeException: Fetch position 0 is out of range")


@pytest.mark.parametrize(
    "cause",
    [
        "org.apache.flink.kafka.shaded.org.apache.kafka.common.errors.SaslAuthenticationException: Authentication failed",
        "org.apache.flink.kafka.shaded.org.apache.kafka.common.errors.TopicAuthorizationException: Not authorized to access shop.log",
        "org.apache.flink.kafka.shaded.org.apache.kafka.common.config.ConfigException: Invalid value",
    ],
)
def test_access_that_kafka_refuses_is_refused_at_the_next_start_too(cause: str) -> None:
    assert is_lasting(f"org.apache.flink.util.FlinkException: the first\n\tat a.B.c(B.java:1)\nCaused by: {cause}\n\tat a.B.c(B.java:2)\n")


def test_broker_that_does_not_answer_may_come_back() -> None:
    assert not is_lasting("org.apache.flink.kafka.shaded.org.apache.kafka.common.errors.TimeoutException: Topic shop.log not present")
