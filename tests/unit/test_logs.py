"""Log lines: what a program can read, and nothing that a user's data could be in."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from stateflow.logs import JsonLines, TextLines, describe

CANARY = "canary-51c2"


def _raised() -> BaseException:
    try:
        try:
            raise KeyError(CANARY)
        except KeyError as error:
            raise ValueError(CANARY) from error
    except ValueError as error:
        return error


def _record(**extra: object) -> logging.LogRecord:
    error = _raised()
    raised = (type(error), error, error.__traceback__)
    record = logging.LogRecord("stateflow.test", logging.ERROR, __file__, 1, "it %s", ("failed",), raised)
    record.__dict__.update(extra)
    return record


def test_json_line_is_one_object_with_named_fields() -> None:
    text = JsonLines().format(_record(request_id="r-1", status=500))
    line = json.loads(text)
    assert "\n" not in text
    assert (line["level"], line["logger"], line["message"]) == ("ERROR", "stateflow.test", "it failed")
    assert (line["request_id"], line["status"], line["exception"]) == ("r-1", 500, "ValueError")
    assert line["stack"][-1].endswith("in _raised")


@pytest.mark.parametrize("formatter", [JsonLines(), TextLines()])
def test_line_tells_type_and_place_of_an_exception_and_not_its_message(formatter: logging.Formatter) -> None:
    text = formatter.format(_record())
    assert "ValueError" in text
    assert "_raised" in text
    assert CANARY not in text


def test_description_tells_the_causes_too() -> None:
    told = describe(_raised())
    assert "caused by KeyError" in told
    assert CANARY not in told


def test_description_of_an_exception_that_causes_itself_ends() -> None:
    error = ValueError()
    error.__cause__ = error
    assert describe(error).count("ValueError") < 20
    assert sys.exc_info() == (None, None, None)
