"""The serial oracle: the order that explains what was seen, run on plain Python objects, gives the same replies and states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.histories.history import Anomaly, Violation
from stateflow.histories.plain import PlainReference, PlainWorld
from stateflow.references import Reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stateflow.histories.plan import Ask, States

__all__ = ["Reply", "describe_reply", "replay"]

Reply = tuple[Any, BaseException | None]
"""The value of a request, or its exception."""


def replay(classes: Iterable[type], asks: Iterable[Ask], replies: Mapping[str, Reply], states: States) -> list[Violation]:
    """Run requests one by one on plain objects, and compare.

    Args:
        classes: the entity classes.
        asks: the requests in the order that is to be shown to explain everything.
        replies: what clients got, by the request's name; those without one are not compared.
        states: what every entity was at the end.

    Returns:
        Each difference.
    """
    violations = []
    with PlainWorld(classes) as world:
        for ask in asks:
            plain = world.carry_out(ask)
            expected = describe_reply(plain)
            if ask.name in replies and (actual := describe_reply(replies[ask.name])) != expected:
                violations.append(Violation(Anomaly.OTHER_REPLY, f"{ask.name} {ask.method}: {actual}, and plain objects: {expected}"))
        for target, state in states.items():
            wanted, found = _describe(world.state(target)), _describe(state)
            if wanted != found:
                violations.append(Violation(Anomaly.OTHER_STATE, f"{target.key}: {found}, and plain objects: {wanted}"))
    return violations


def describe_reply(reply: Reply) -> str:
    """Return a reply as text in which `1`, `1.0` and `True` differ."""
    value, error = reply
    return _describe(value) if error is None else f"{type(error).__name__}{_describe(error.args)}"


def _describe(value: Any) -> str:
    if type(value) is dict:
        return "{" + ", ".join(f"{_describe(key)}: {_describe(part)}" for key, part in value.items()) + "}"
    if type(value) in (list, tuple):
        return f"{type(value).__name__}[{', '.join(map(_describe, value))}]"
    if isinstance(value, Reference):
        return f"{value._sf_class.__name__}({value._sf_key!r})"
    assert type(value) in _PLAIN or type(value) is PlainReference
    return repr(value)


_PLAIN = frozenset({type(None), bool, int, float, str, bytes})
