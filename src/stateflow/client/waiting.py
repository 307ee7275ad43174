"""Where waiting is refused: in the thread of an engine, which waiting would stop for ever.

A thread that runs methods is in one of two states. While it executes requests, it must neither wait for a future nor send a
request: entities reach each other by plain calls. While it tells callbacks about replies, it may send, but not wait.
"""

from __future__ import annotations

import threading

from stateflow.errors import ConfigurationError, LimitExceeded
from stateflow.limits import DEADLINE_S

__all__ = ["check_may_send", "check_may_wait", "deadline_in_ns", "executing", "is_executing", "serve_in_this_thread", "telling"]


class _Thread(threading.local):
    serves = False
    executes = False


_thread = _Thread()


def serve_in_this_thread() -> None:
    """Say that this thread executes requests from now on, except where it is `telling`."""
    _thread.serves = _thread.executes = True


class _Executing:
    """Sets for a `with` block whether this thread executes requests."""

    __slots__ = ("_before", "_executes")

    def __init__(self, executes: bool) -> None:
        self._executes = executes

    def __enter__(self) -> None:
        self._before, _thread.executes = _thread.executes, self._executes

    def __exit__(self, *_: object) -> None:
        _thread.executes = self._before


def executing() -> _Executing:
    """Say that this thread executes requests inside the `with` block."""
    return _Executing(True)


def telling() -> _Executing:
    """Say that this thread brings replies inside the `with` block, and runs what waits for them."""
    return _Executing(False)


def is_executing() -> bool:
    """Tell whether this thread runs a request now."""
    return _thread.executes


def check_may_wait() -> None:
    """Refuse to wait for a reply in the thread that would bring it.

    Raises:
        ConfigurationError: this thread runs methods.
    """
    if _thread.executes:
        raise ConfigurationError(
            "SF540: a method waits for a StateflowFuture, which would never end: inside methods call other entities as plain Python does"
        )
    if _thread.serves:
        raise ConfigurationError(
            "SF540: a callback waits for another StateflowFuture in the engine's thread, which would never end: "
            "add a callback to that future too, or wait in a thread of your own"
        )


def check_may_send() -> None:
    """Refuse to send a request from inside a method.

    Raises:
        ConfigurationError: this thread runs a request now.
    """
    if _thread.executes:
        raise ConfigurationError(
            "SF540: a method uses a client, whose requests are no part of the method's transaction: "
            "take the entity as an argument, or address it with by_key, and call it as plain Python does"
        )


def deadline_in_ns(deadline_s: float) -> int:
    """Return a deadline in nanoseconds.

    Raises:
        ConfigurationError: it is not positive.
        LimitExceeded: it is too far off.
    """
    if not deadline_s > 0:
        raise ConfigurationError(f"SF540: deadline_s is {deadline_s}; a request has some time to begin")
    if deadline_s > DEADLINE_S:
        raise LimitExceeded(f"SF530: deadline_s is {deadline_s}, more than {DEADLINE_S} s; leave it out where any time will do")
    return int(deadline_s * 1e9)
