"""Named points of the engine at which a test can make the process fail.

The engine calls `reach` where a crash would matter most. It costs one test of a variable, and does nothing, until a test says what
shall happen: by `arm` in its own process, or by the environment of a process that it starts. The environment counts only where
`STATEFLOW_TESTING` is `1` as well, and is then announced, so that no process of production fails by accident.

>>> with arm("before-commit", Action.RAISE):
...     reach("before-commit")
Traceback (most recent call last):
stateflow.failpoints.InjectedFailure: fail point before-commit was reached
>>> reach("before-commit")
"""

from __future__ import annotations

import difflib
import itertools
import logging
import os
import signal
from contextlib import contextmanager
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from stateflow.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = [
    "POINTS",
    "Action",
    "Crashed",
    "FailPoint",
    "InjectedFailure",
    "arm",
    "arm_from_environment",
    "check_point",
    "parse",
    "reach",
    "watch",
]

POINTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "before-execute": "a request was taken from the queue; its method has not begun",
        "after-execute": "the request has run; what it changed is in memory only, and it waits for the commit of its group",
        "before-encode": "the group is complete; its commit begins",
        "after-encode": "the replies of the group are bytes, in memory only",
        "before-write": "the group has its transaction in the file; nothing of the group is in it",
        "amid-write": "some of the group is in the transaction",
        "before-commit": "all of the group is in the transaction, which is not committed",
        "after-commit": "the group is committed and on the disk; no reply has left",
        "before-reply": "a reply is about to leave",
        "after-reply": "a reply has left; others of its group may not have",
    }
)
"""Every fail point and what is so when it is reached, in the order in which a request passes them."""

VARIABLE: Final = "STATEFLOW_FAIL_POINT"
SWITCH: Final = "STATEFLOW_TESTING"
_EXIT_CODE: Final = 70

_log = logging.getLogger("stateflow.failpoints")
_hook: Callable[[str], None] | None = None


def reach(name: str) -> None:
    """Say that a fail point is reached. Returns, unless a test wants a failure here."""
    if _hook is not None:
        _hook(name)


class InjectedFailure(Exception):
    """What an armed fail point raises."""


class Crashed(BaseException):
    """The engine is to be taken for dead. It answers nobody and writes nothing more; for hooks of `watch`, which stay in one process."""


class Action(Enum):
    """What happens at an armed fail point.

    Attributes:
        KILL: the process ends by SIGKILL, as when the machine runs out of memory: nothing is closed or flushed.
        RAISE: `InjectedFailure` is raised there.
        EXIT: the process ends with code 70, without closing or flushing anything.
    """

    KILL = "kill"
    RAISE = "raise"
    EXIT = "exit"


class FailPoint(NamedTuple):
    """A fail point to arm: the `nth` time that `name` is reached, `action` happens. As text: `name:nth:action`."""

    name: str
    nth: int = 1
    action: Action = Action.KILL

    def __str__(self) -> str:
        return f"{self.name}:{self.nth}:{self.action.value}"


def check_point(name: str) -> None:
    """Refuse a name that no fail point has.

    Raises:
        ConfigurationError: there is none; the message has the nearest name.
    """
    if name not in POINTS:
        near = difflib.get_close_matches(name, POINTS, 1)
        advice = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(POINTS)}"
        raise ConfigurationError(f"SF540: there is no fail point {name!r}; {advice}")


def parse(text: str) -> FailPoint:
    """Read `name`, `name:nth` or `name:nth:action`, such as `before-commit:2:kill`.

    Raises:
        ConfigurationError: the text is none of these.
    """
    name, _, rest = text.partition(":")
    nth, _, action = rest.partition(":")
    check_point(name)
    try:
        point = FailPoint(name, int(nth or 1), Action(action or "kill"))
    except ValueError as error:
        raise ConfigurationError(f"SF540: {text!r} is no fail point; write name:nth:action, where action is kill, raise or exit") from error
    _check_turn(point.nth)
    return point


@contextmanager
def watch(hook: Callable[[str], None]) -> Iterator[None]:
    """Call `hook(name)` wherever a fail point is reached, in whatever thread, inside the `with` block.

    Raises:
        ConfigurationError: another hook is set.
    """
    _set(hook)
    try:
        yield
    finally:
        globals()["_hook"] = None


@contextmanager
def arm(name: str, action: Action = Action.KILL, nth: int = 1) -> Iterator[None]:
    """Let `action` happen the `nth` time that the fail point `name` is reached inside the `with` block.

    Raises:
        ConfigurationError: there is no such fail point, or another one is armed.
    """
    check_point(name)
    _check_turn(nth)
    with watch(_trigger(FailPoint(name, nth, action))):
        yield


def arm_from_environment(environment: Mapping[str, str]) -> None:
    """Arm the fail point that `STATEFLOW_FAIL_POINT` names, if `STATEFLOW_TESTING` is `1`; until the process ends.

    Raises:
        ConfigurationError: the variable's text is no fail point.
    """
    text = environment.get(VARIABLE)
    if text is None or environment.get(SWITCH) != "1":
        return
    point = parse(text)
    _set(_trigger(point))
    _log.warning("this process will fail on purpose: %s=%s", VARIABLE, point)


def _trigger(point: FailPoint) -> Callable[[str], None]:
    # A count is atomic, so that of several threads exactly one has the nth turn.
    turns = itertools.count(1)

    def hook(name: str) -> None:
        if name == point.name and next(turns) == point.nth:
            _fail(point)

    return hook


def _fail(point: FailPoint) -> None:
    match point.action:
        case Action.KILL:
            # Windows has no SIGKILL; its SIGTERM ends the process at once.
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
        case Action.EXIT:
            os._exit(_EXIT_CODE)
        case Action.RAISE:
            raise InjectedFailure(f"fail point {point.name} was reached")


def _set(hook: Callable[[str], None]) -> None:
    global _hook
    if _hook is not None:
        raise ConfigurationError("SF540: a fail point is armed already; one at a time can be")
    _hook = hook


def _check_turn(nth: int) -> None:
    if nth < 1:
        raise ConfigurationError(f"SF540: a fail point cannot fail the {nth}th time; the first is 1")


arm_from_environment(os.environ)
