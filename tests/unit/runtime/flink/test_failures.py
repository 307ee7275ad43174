"""What a stack trace of Flink says, in a line that a user can act on."""

from __future__ import annotations

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
