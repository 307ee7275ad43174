"""Errors of the tools for development."""

from __future__ import annotations

from stateflow.errors.root import StateflowError

__all__ = [
    "JarsNotFetched",
    "StartFailed",
    "ToolMissing",
]


class ToolMissing(StateflowError):
    """A program that `stateflow dev` needs is not installed, or too old."""

    code = "SF600"

    def __init__(self, tool: str, fix: str) -> None:
        super().__init__(f"{self.code}: {tool} is needed and was not found; {fix}")
        self.tool = tool
        self.fix = fix


class JarsNotFetched(StateflowError):
    """Maven could not fetch the archives of Kafka or Flink."""

    code = "SF601"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"{self.code}: the archives of {name} could not be fetched: {reason}; look at the network and Maven's settings, then try again"
        )
        self.name = name
        self.reason = reason


class StartFailed(StateflowError):
    """A Kafka or Flink that `stateflow dev` starts did not come up. `log_tail` has the end of what it printed."""

    code = "SF602"

    def __init__(self, title: str, reason: str, log_tail: str, log: str) -> None:
        printed = f"; its log is {log} and ends with:\n{log_tail}" if log_tail else ""
        super().__init__(f"{self.code}: {title} did not start: {reason}{printed}")
        self.title = title
        self.reason = reason
        self.log_tail = log_tail
        self.log = log
