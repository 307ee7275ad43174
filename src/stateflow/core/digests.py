"""Digests of code: equal for the same code wherever it stands in its file, and in every process of one Python version."""

from __future__ import annotations

import hashlib
from types import CodeType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["code_digest"]

_LENGTH = 12


def code_digest(code: CodeType, ignored: Iterable[object] = ()) -> str:
    """Return a digest of what a code object does: its instructions, names and constants, without its place.

    Args:
        code: the code object.
        ignored: constants that do not count.
    """
    text = "\n".join(_parts(code, frozenset(map(_constant, ignored))))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]


def _parts(code: CodeType, ignored: frozenset[str]) -> Iterable[str]:
    yield code.co_code.hex()
    yield repr((code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars))
    yield repr((code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags))
    yield from (text for text in map(_constant, code.co_consts) if text not in ignored)


def _constant(value: object) -> str:
    if isinstance(value, CodeType):
        return code_digest(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(_constant, value))})"
    if isinstance(value, frozenset):
        # Its order differs from process to process.
        return f"{{{', '.join(sorted(map(_constant, value)))}}}"
    return f"{type(value).__name__} {value!r}"
