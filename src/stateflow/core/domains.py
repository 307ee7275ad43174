"""Exceptions on their way from one entity's domain to another's."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from stateflow.core.store import Record

__all__ = ["KeyNotAtHand", "chain_to_handled", "cut_context", "raise_with_context"]


class KeyNotAtHand(BaseException):
    """A new entity is passed on before its key was looked up, and that key lives at another place or is locked."""

    def __init__(self, record: Record) -> None:
        super().__init__(record)
        self.record = record


def raise_with_context(error: BaseException, context: BaseException | None) -> NoReturn:
    """Raise an exception whose own context is kept; what is being handled here goes to the end of its chain."""
    handled = sys.exception() if sys.exception() is not error else None
    try:
        raise error
    finally:
        error.__context__ = context
        chain_to_handled(error, handled)


def cut_context(error: BaseException, handled: BaseException) -> BaseException | None:
    """Cut the context chain where what is being handled begins; return the exception before the cut, None when it is not in the chain."""
    seen: set[int] = set()
    end = error
    while end.__context__ is not None and id(end) not in seen:
        if end.__context__ is handled:
            end.__context__ = None
            return end
        seen.add(id(end))
        end = end.__context__
    return None


def chain_to_handled(error: BaseException, handled: BaseException | None) -> None:
    """Put the exception being handled at the end of the context chain, unless it is in the chain."""
    seen: set[int] = set()
    end = error
    while end.__context__ is not None and id(end) not in seen:
        seen.add(id(end))
        if end.__context__ is handled:
            return
        end = end.__context__
    if handled is not None and end is not handled and not _holds(handled, end):
        end.__context__ = handled


def _holds(chain: BaseException | None, searched: BaseException) -> bool:
    seen: set[int] = set()
    while chain is not None and id(chain) not in seen:
        if chain is searched:
            return True
        seen.add(id(chain))
        chain = chain.__context__
    return False
