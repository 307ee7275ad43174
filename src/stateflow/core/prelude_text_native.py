"""What formatting of text needs of native Python: format strings taken apart, and text put together."""

from __future__ import annotations

import re
from _string import formatter_field_name_split, formatter_parser  # type: ignore[import-not-found]
from collections import deque
from typing import TYPE_CHECKING, Any

from stateflow.core.containment import DISPLAYS, holds_special

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PERCENT = re.compile(
    r"%(?:\((?P<name>[^)]*)\))?(?P<flags>[#0\- +]*)(?P<width>\*|\d*)(?P<precision>(?:\.(?:\*|\d*))?)[hlL]?(?P<kind>.)", re.DOTALL
)


def percent_values(text: str, given: Any) -> list[tuple[Any, str]]:
    """Return each value whose text a special method of an entity may make, with its conversion, in order."""
    return [(value, match["kind"]) for match, value in _percents(text, given) if _makes_text(match, value)]


def percent(text: str, given: Any, texts: Sequence[str]) -> str:
    """Carry out `%` with these texts in the place of those values."""
    rest = iter(texts)
    pieces, values, end = [], [], 0
    for match, value in _percents(text, given):
        is_text = _makes_text(match, value)
        pieces += [text[end : match.start()], _without_name(match, "s" if is_text else match["kind"])]
        end = match.end()
        if match["kind"] != "%":
            values.append(next(rest) if is_text else value)
    if len(values) < _count(given):
        raise TypeError("not all arguments converted during string formatting")
    return ("".join(pieces) + text[end:]) % tuple(values)


def _count(given: Any) -> int:
    return len(given) if type(given) is tuple else 0 if type(given) is dict else 1


def _without_name(match: re.Match[str], kind: str) -> str:
    return f"%{match['flags']}{match['width']}{match['precision']}{kind}"


def _makes_text(match: re.Match[str], value: Any) -> bool:
    return match["kind"] in "rsa" and (holds_special(value, None))


def _percents(text: str, given: Any) -> Iterator[tuple[re.Match[str], Any]]:
    """Yield each conversion with its value; a width or precision that is an argument is filled in first."""
    values = iter(given if type(given) is tuple else (given,))
    for match in _PERCENT.finditer(text):
        if match["kind"] == "%":
            yield match, None
        elif match["name"] is not None:
            yield match, given[match["name"]]
        elif "*" in match["width"] + match["precision"]:
            raise TypeError("SF520: a width given by * beside an entity is not supported; use an f-string")
        else:
            value = next(values, values)
            if value is values:
                # `%` itself says so in the end.
                return
            yield match, value


def escaped(text: str) -> str:
    """Return a text as `ascii` writes it."""
    return text.encode("ascii", "backslashreplace").decode()


def parsed(text: str, depth: int) -> list[tuple[str, str | None, str, str | None]]:
    """Take a format string apart: literal text, field, specification, conversion."""
    if depth < 0:
        raise ValueError("Max string recursion exceeded")
    return [(literal, name, spec or "", conversion) for literal, name, spec, conversion in formatter_parser(text)]


def numbering() -> list[str]:
    """Return the state of numbering fields: nothing yet."""
    return []


def field(name: str, numbers: list[str]) -> tuple[Any, list[tuple[bool, Any]]]:
    """Take a field name apart: the argument, then attributes and items of it; an empty one gets the next number."""
    first, rest = formatter_field_name_split(name)
    kind = "automatic" if first == "" else "manual" if isinstance(first, int) else "named"
    other = {"automatic": "manual", "manual": "automatic"}.get(kind)
    if other in numbers:
        order = "manual field specification to automatic field numbering"
        if kind == "manual":
            order = "automatic field numbering to manual field specification"
        raise ValueError(f"cannot switch from {order}")
    numbers.append(kind)
    return (numbers.count("automatic") - 1 if first == "" else first), list(rest)


def positional(args: tuple[Any, ...] | None, position: int) -> Any:
    """Return an argument by its position."""
    if args is None:
        raise ValueError("Format string contains positional fields")
    if position >= len(args):
        raise IndexError(f"Replacement index {position} out of range for positional args tuple")
    return args[position]


def conversion(name: str | None) -> int:
    """Return the number of a conversion."""
    if name not in (None, "r", "s", "a"):
        raise ValueError(f"Unknown conversion specifier {name!r}")
    return -1 if name is None else ord(name)


def joined(parts: list[str]) -> str:
    """Return texts as one."""
    return "".join(parts)


def is_display(value: Any) -> bool:
    """Tell whether a container shows elements whose text a special method of an entity may make."""
    return type(value) in DISPLAYS and holds_special(value, None)


def is_dict(value: Any) -> bool:
    """Tell whether a value is a plain dict."""
    return type(value) is dict


def is_inside(value: Any, around: tuple[Any, ...]) -> bool:
    """Tell whether a container is one of those around it."""
    return any(value is outer for outer in around)


def enclose(value: Any, parts: list[str]) -> str:
    """Return the text of a container from the texts of its elements."""
    inner = ", ".join(parts)
    match value:
        case list():
            return f"[{inner}]"
        case tuple():
            return f"({inner},)" if len(parts) == 1 else f"({inner})"
        case frozenset():
            return f"frozenset({{{inner}}})"
        case deque():
            return f"deque([{inner}])" if value.maxlen is None else f"deque([{inner}], maxlen={value.maxlen})"
    return f"{{{inner}}}"


def shortened(value: Any) -> str:
    """Return the text of a container inside itself."""
    return "[...]" if isinstance(value, list | deque) else "(...)" if isinstance(value, tuple) else "{...}"
