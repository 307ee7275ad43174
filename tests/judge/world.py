"""The world that a program's `script` talks to: it carries out root requests and records what each one did."""

from __future__ import annotations

import contextlib
import io
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.judge.canonical import Canonical, canonical_exception, canonical_state, canonical_value

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["EntityName", "Outcome", "Run", "World"]

EntityName = tuple[type, Any]

# What `object.__repr__` says besides; no two runs of CPython agree on it.
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


@dataclass(frozen=True)
class Outcome:
    """What one root request did.

    Attributes:
        request: the request as the script wrote it, for people.
        answer: canonical form of the reply, or of the exception.
        printed: the text that methods printed meanwhile; its order stands for the order of side effects.
    """

    request: str
    answer: Canonical
    printed: str

    @property
    def error_name(self) -> str | None:
        """Name of the exception's type, or None when the request was answered."""
        return self.answer[1] if self.answer[0] == "exception" else None


@dataclass
class Run:
    """All that is compared of one run: the outcomes in order, and the state of each entity at the end (None: not alive)."""

    outcomes: list[Outcome] = field(default_factory=list)
    states: dict[str, Canonical | None] = field(default_factory=dict)


class World(ABC):
    """Carries out root requests. Subclasses say how; this class records.

    A request that raises is recorded and answers None, so that the script goes on.
    """

    def __init__(self) -> None:
        self.run = Run()

    # What scripts use.

    def create(self, cls: type, *args: Any, **kwargs: Any) -> Any:
        """Create an entity and return it (a reference, in the compiled worlds)."""
        return self._record(f"create {cls.__name__}", lambda: self.do_create(cls, args, kwargs))

    def call(self, entity: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method of an entity and return its reply."""
        return self._record(f"call {method}", lambda: self.do_call(entity, method, args, kwargs))

    def get(self, entity: Any, name: str) -> Any:
        """Return one attribute of an entity."""
        return self._record(f"get {name}", lambda: self.do_get(entity, name))

    def state(self, entity: Any) -> dict[str, Any] | None:
        """Return all attributes of an entity."""
        state: dict[str, Any] | None = self._record("state", lambda: self.do_state(entity), state=True)
        return state

    def delete(self, entity: Any) -> None:
        """Delete an entity."""
        self._record("delete", lambda: self.do_delete(entity))

    def ref(self, cls: type, key: Any) -> Any:
        """Address the entity of `cls` with `key`, which need not exist. Not a request: nothing is recorded."""
        return self.do_ref(cls, key)

    # What subclasses say.

    @abstractmethod
    def do_create(self, cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any: ...
    @abstractmethod
    def do_call(self, entity: Any, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any: ...
    @abstractmethod
    def do_get(self, entity: Any, name: str) -> Any: ...
    @abstractmethod
    def do_state(self, entity: Any) -> dict[str, Any]: ...
    @abstractmethod
    def do_delete(self, entity: Any) -> None: ...
    @abstractmethod
    def do_ref(self, cls: type, key: Any) -> Any: ...
    @abstractmethod
    def identify(self, value: object) -> tuple[str, object] | None:
        """Answer (class name, key) when `value` is an entity or a reference, else None."""

    def _record(self, request: str, act: Callable[[], Any], *, state: bool = False) -> Any:
        printed = io.StringIO()
        result: Any = None
        with contextlib.redirect_stdout(printed):
            try:
                result = act()
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                answer = canonical_exception(error, self.identify)
            else:
                answer = canonical_state(result, self.identify) if state else canonical_value(result, self.identify)
        self.run.outcomes.append(Outcome(request, answer, _ADDRESS.sub(" at 0x", printed.getvalue())))
        return result
