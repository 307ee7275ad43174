"""What Python's own functions and methods do to their arguments, as far as the read-only proof relies on it.

With what is missing here, nothing is proved.
"""

from __future__ import annotations

import ast
import builtins
import cmath
import collections
import contextlib
import copy
import datetime as dt
import decimal
import fractions
import functools
import itertools
import json
import math
import operator
import random
import re
import secrets
import statistics
import string
import textwrap
import time
import uuid
from enum import Enum
from typing import Any

__all__ = ["IMMUTABLE", "MUTATORS", "READERS", "Use", "called_arguments", "use_of"]

IMMUTABLE: frozenset[type] = frozenset({
    type(None), bool, int, float, complex, str, bytes, range, decimal.Decimal, fractions.Fraction, dt.date, dt.datetime, dt.time,
    dt.timedelta, dt.timezone, uuid.UUID, type(Ellipsis), type(NotImplemented), re.Pattern, type, type(math), type(len),
})  # fmt: skip
"""Classes whose objects never change and hold nothing."""

MUTATORS = frozenset(
    "append extend insert pop popitem clear remove sort reverse add discard update setdefault appendleft popleft extendleft rotate "
    "difference_update intersection_update symmetric_difference_update move_to_end subtract send throw close asend athrow aclose "
    "add_note with_traceback".split()
)
"""Methods of Python's own containers, iterators and exceptions that change their object."""

_READ_FROM: tuple[type, ...] = (str, bytes, int, float, complex, tuple, range, frozenset, decimal.Decimal, fractions.Fraction, dt.datetime,
                                dt.time, dt.timedelta, dt.timezone, uuid.UUID, re.Match)  # fmt: skip
READERS = (
    frozenset(name for cls in _READ_FROM for name in dir(cls) if not name.startswith("_"))
    | frozenset("get keys values items copy index count most_common elements total union intersection difference".split())
    | frozenset("symmetric_difference issubset issuperset isdisjoint".split())
) - MUTATORS
"""Methods of Python's own classes that change nothing."""


class Use(Enum):
    """What a call gives, and whether it calls functions that it is given.

    ANSWERS gives what holds nothing, COLLECTS a new container or iterator of what the arguments hold, PICKS an argument or what it holds,
    COPIES a copy, TAKES an element of its first argument, an iterator.
    """

    ANSWERS = "answers"
    COLLECTS = "collects"
    PICKS = "picks"
    COPIES = "copies"
    TAKES = "takes"


def _named(module: Any, names: str) -> list[Any]:
    return [getattr(module, name) for name in names.split()]


def _functions(module: Any, *, without: str = "") -> list[Any]:
    hidden = without.split()
    return [value for name, value in vars(module).items() if callable(value) and name[0] != "_" and name not in hidden]


_USES: dict[Use, list[Any]] = {
    Use.ANSWERS: [
        *_named(builtins, "abs all any ascii bin bool bytes callable chr complex divmod float format hash hex id int isinstance"),
        *_named(builtins, "issubclass len object oct ord pow print range repr round str type"),
        *_functions(math), *_functions(cmath), *_functions(time, without="sleep"), string.capwords,
        *_named(textwrap, "dedent fill indent shorten"),
        *_functions(secrets, without="choice SystemRandom"), *_named(uuid, "UUID uuid1 uuid3 uuid4 uuid5"),
        *_named(dt, "date datetime time timedelta timezone"), decimal.Decimal, fractions.Fraction, json.dumps,
        *[getattr(dt.datetime, n) for n in ("now", "utcnow", "today", "fromtimestamp", "fromisoformat", "strptime", "combine")],
        *[getattr(dt.date, n) for n in ("today", "fromtimestamp", "fromisoformat", "fromordinal")],
        *_named(random, "random randint randrange uniform gauss normalvariate expovariate betavariate triangular getrandbits randbytes"),
        *_named(statistics, "mean fmean median variance stdev pvariance pstdev"), *_named(re, "escape fullmatch match search compile"),
        *_named(operator, "eq ne lt le gt ge not_ truth is_ is_not contains countOf indexOf"), contextlib.suppress, contextlib.nullcontext,
    ],
    Use.COLLECTS: [
        *_named(builtins, "bytearray dict enumerate frozenset iter list reversed set tuple zip sum slice"),
        *_named(collections, "deque OrderedDict Counter"), *_named(random, "choices sample"), *_named(re, "findall finditer split"),
        *_named(itertools, "chain count cycle islice repeat zip_longest product permutations combinations pairwise compress"),
        itertools.chain.from_iterable, itertools.combinations_with_replacement, operator.add, textwrap.wrap, operator.concat,
        *_named(builtins, "filter map sorted"), *_named(itertools, "accumulate dropwhile filterfalse groupby starmap takewhile"),
        collections.defaultdict, re.sub, statistics.multimode, json.loads, operator.itemgetter, dict.fromkeys,
    ],
    Use.PICKS: [random.choice, secrets.choice, operator.getitem, statistics.mode, min, max, functools.reduce],
    Use.COPIES: [copy.copy, copy.deepcopy],
    Use.TAKES: [next],
}  # fmt: skip
_BY_FUNCTION = {function: use for use, functions in _USES.items() for function in functions}
_CALLED_POSITIONS: dict[Any, int] = {
    **dict.fromkeys((map, filter, functools.reduce, itertools.dropwhile, itertools.filterfalse, itertools.starmap, itertools.takewhile), 0),
    itertools.accumulate: 1, itertools.groupby: 1, collections.defaultdict: 0, re.sub: 1,
}  # fmt: skip
_CALLED_KEYWORDS = frozenset({"cls", "func", "function", "key", "object_hook", "object_pairs_hook", "parse_float", "parse_int", "repl"})


def use_of(function: object) -> Use | None:
    """Return what a function or class of Python's own does; None when nothing is known of it."""
    if getattr(function, "__module__", None) == "asyncio.tasks" and getattr(function, "__name__", None) == "gather":
        return Use.COLLECTS
    if getattr(function, "__objclass__", None) in _READ_FROM:
        return Use.COLLECTS
    try:
        return _BY_FUNCTION.get(function)
    except TypeError:
        return None


def called_arguments(function: object, call: ast.Call) -> list[ast.expr]:
    """Return the arguments that a function of Python's own calls."""
    position = _CALLED_POSITIONS.get(function, 0 if function is iter and len(call.args) > 1 else len(call.args))
    names = _CALLED_KEYWORDS | {"default"} if function is json.dumps else _CALLED_KEYWORDS
    return [*call.args[position : position + 1], *[k.value for k in call.keywords if k.arg in names]]
