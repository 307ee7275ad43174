"""Which entities requests name, so that they can be read together before any of them runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stateflow.dataflow import Dataflow
    from stateflow.protocol.messages import Request

__all__ = ["Names"]


class Names:
    """Finds what requests name.

    Args:
        flow: the classes of the entities.
    """

    def __init__(self, flow: Dataflow) -> None:
        self._by_name = flow.by_name
        self._reference_types = frozenset(flow.reference_types.values())

    def entities(self, requests: Iterable[Request]) -> list[tuple[type, Any]]:
        """Return class and key of the entities that requests are for, and of those that are given to them as arguments.

        References deeper in an argument are not looked for: that would take longer than it saves where there is none.
        """
        found = []
        is_reference = self._reference_types.__contains__
        for request in requests:
            cls = self._by_name.get(request.class_name)
            if cls is not None and request.key is not None:
                found.append((cls, request.key))
            for arguments in (request.args, request.kwargs.values() if request.kwargs else ()):
                found += [(argument._sf_class, argument._sf_key) for argument in arguments if is_reference(type(argument))]
        return found
